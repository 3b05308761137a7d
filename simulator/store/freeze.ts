/** Freezing what is stored. Immer would freeze each result by itself; the store does it once, for all that is new. */
import { setAutoFreeze } from 'immer';

setAutoFreeze(false);

/** Freezes a value and all that it holds. What is frozen already is taken to be so all the way down. */
export function freezeDeep<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  if (Array.isArray(value)) {
    for (const item of value) freezeDeep(item);
  } else {
    for (const field in value) freezeDeep(value[field]);
  }
  return value;
}
