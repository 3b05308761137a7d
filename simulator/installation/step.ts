/** One object of an installation, and what the cluster has to resolve when it creates it. */
import type { ResourceName } from '../resources/index.ts';
import type { NewObject } from '../types/meta.ts';

export interface OwnerPointer {
  readonly resource: ResourceName;
  readonly namespace?: string;
  readonly name: string;
}

export interface InstallationStep {
  readonly resource: ResourceName;
  /** Complete with its status, where an installed cluster has one; without UIDs, which the cluster assigns. */
  readonly object: NewObject;
  /** Becomes the controlling owner reference; always the object of an earlier step, or a node. */
  readonly owner?: OwnerPointer;
  /**
   * A pod that already runs on the node it names. It has no status: whoever plays its kubelet gives it a runtime
   * record whose times have passed.
   */
  readonly running?: true;
}

export function step(resource: ResourceName, object: NewObject, owner?: OwnerPointer): InstallationStep {
  return owner ? { resource, object, owner } : { resource, object };
}

const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** A suffix as generated names have it, the same in every run for the same text. */
export function suffix(text: string, length: number): string {
  let hash = 0x811c9dc5;
  let result = '';
  for (let index = 0; result.length < length; index += 1) {
    hash = Math.imul(hash ^ (index < text.length ? text.charCodeAt(index) : index * 31), 0x01000193);
    hash ^= hash >>> 15;
    if (index >= text.length) result += ALPHABET[(hash >>> 0) % ALPHABET.length];
  }
  return result;
}
