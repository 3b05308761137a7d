import type { StatusCause } from '../types/meta.ts';

/** A field of a VirtualMachine that an instancetype also wants to set (KubeVirt v1.9 pkg/instancetype/conflict). */
export interface Conflict {
  /** As upstream prints it: `spec.template.spec.domain.cpu.sockets`. */
  readonly path: string;
  /** Given instead of the usual words, for what is no clash of two values. */
  readonly message?: string;
}

/** Where the VMI spec lies in the object a conflict is told about. */
export type VmiSpecPath = 'spec' | 'spec.template.spec';

/** The paths, as upstream lists them in messages. */
export function conflictPaths(conflicts: readonly Conflict[]): string {
  return conflicts.map(({ path }) => path).join(', ');
}

/** One error for all conflicts together. */
export function conflictsError(conflicts: readonly Conflict[]): string {
  return fieldsConflict(conflictPaths(conflicts));
}

/** One cause for each conflict, as the VirtualMachine webhook answers them. */
export function conflictCauses(conflicts: readonly Conflict[]): StatusCause[] {
  return conflicts.map(({ path, message }) => ({
    reason: 'FieldValueInvalid',
    message: message ?? fieldsConflict(path),
    field: path,
  }));
}

function fieldsConflict(paths: string): string {
  return `VM field(s) ${paths} conflicts with selected instance type`;
}
