/** Numbers that may be percentages (apimachinery pkg/util/intstr, v1.35). */
import type { IntOrPercent } from './types.ts';

/**
 * The number that a number or a percentage of `total` stands for.
 * @throws RangeError for a text that is no percentage.
 */
export function scaledAmount(value: IntOrPercent, total: number, rounding: 'up' | 'down'): number {
  if (typeof value === 'number') return value;
  if (!/^\d+%$/.test(value)) {
    throw new RangeError(`invalid value for IntOrString: ${JSON.stringify(value)} is not a percentage`);
  }
  const exact = (Number(value.slice(0, -1)) * total) / 100;
  return rounding === 'up' ? Math.ceil(exact) : Math.floor(exact);
}
