/**
 * Label selectors and node selector requirements (apimachinery v1.35 pkg/labels, component-helpers v0.35
 * scheduling/corev1/nodeaffinity): one meaning for every part of the simulator that selects by labels.
 */
import type { LabelSelector, LabelSelectorRequirement } from './meta.ts';

export type Labels = Readonly<Record<string, string>>;

const NO_LABELS: Labels = {};
const INTEGER = /^[+-]?\d+$/;

/**
 * Whether `labels` satisfy a metav1.LabelSelector. An absent selector matches nothing, an empty one everything,
 * as metav1.LabelSelectorAsSelector has it.
 * @throws RangeError when an operator is none of Kubernetes'.
 */
export function matchesLabelSelector(
  selector: LabelSelector | undefined,
  labels: Labels = NO_LABELS,
): boolean {
  if (!selector) return false;
  const { matchLabels, matchExpressions } = selector;
  for (const key in matchLabels) if (labels[key] !== matchLabels[key]) return false;
  return !matchExpressions || matchesRequirements(matchExpressions, labels);
}

/** Whether the selector asks for nothing (and so matches everything). */
export function isEmptySelector(selector: LabelSelector): boolean {
  for (const _ in selector.matchLabels) return false;
  return !selector.matchExpressions?.length;
}

/**
 * Whether `labels` satisfy every requirement; none at all are satisfied by anything. `Gt` and `Lt` are the node
 * selectors' operators: they compare whole numbers and are false where either side is not one.
 * @throws RangeError when an operator is none of Kubernetes'.
 */
export function matchesRequirements(
  requirements: readonly LabelSelectorRequirement[],
  labels: Labels = NO_LABELS,
): boolean {
  for (const requirement of requirements) if (!matchesRequirement(requirement, labels)) return false;
  return true;
}

function matchesRequirement({ key, operator, values }: LabelSelectorRequirement, labels: Labels): boolean {
  const value = labels[key];
  switch (operator) {
    case 'In':
      return value !== undefined && values !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values?.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
    case 'Lt': {
      const bound = values?.[0];
      if (value === undefined || bound === undefined || !INTEGER.test(value) || !INTEGER.test(bound))
        return false;
      const difference = BigInt(value) - BigInt(bound);
      return operator === 'Gt' ? difference > 0n : difference < 0n;
    }
    default:
      throw new RangeError(`${JSON.stringify(operator)} is not a valid label selector operator`);
  }
}
