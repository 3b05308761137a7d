/** What several groups of cluster administration have in common. */
import type { KubeObject } from '../types/meta.ts';
import { at, text } from './fields.ts';

/** Outside namespaces. */
export const cluster = { namespaced: false } as const;
/** Updates have to name the resourceVersion they start from. */
export const conditional = { unconditionalUpdate: false } as const;

/** A cell with the text at field names. */
export const string =
  (...names: string[]) =>
  (object: KubeObject) =>
    text(at(object, ...names));
/** A cell that is true where the field is. */
export const boolean =
  (...names: string[]) =>
  (object: KubeObject) =>
    at(object, ...names) === true;
