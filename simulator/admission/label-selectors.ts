/** Label selectors as webhooks use them (apimachinery LabelSelectorAsSelector). */
import type { LabelSelector } from '../types/meta.ts';
import { quoted } from './causes.ts';

type Labels = Record<string, string> | undefined;

/** What makes a selector unusable, in Kubernetes' words, or undefined. */
export function selectorError(selector: LabelSelector | undefined): string | undefined {
  for (const { operator, values = [] } of selector?.matchExpressions ?? []) {
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0)
        return "values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty";
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0) {
        return `values: Invalid value: ${JSON.stringify(values)}: values set must be empty for exists and does not exist`;
      }
    } else {
      return `${quoted(operator ?? '')} is not a valid label selector operator`;
    }
  }
  return undefined;
}

/** Whether labels fit; no selector at all fits nothing, an empty one everything. */
export function selectorMatches(selector: LabelSelector | undefined, labels: Labels): boolean {
  if (!selector) return false;
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
    if (labels?.[key] !== value) return false;
  }
  return (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const value = labels?.[key];
    if (operator === 'In') return value !== undefined && values.includes(value);
    if (operator === 'NotIn') return value === undefined || !values.includes(value);
    return operator === 'Exists' ? value !== undefined : value === undefined;
  });
}
