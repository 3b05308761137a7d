import { expect, test } from 'vitest';
import type { LabelSelectorRequirement } from '../../simulator/types/meta.ts';
import { matchesLabelSelector, matchesRequirements } from '../../simulator/types/selectors.ts';

const labels = { app: 'web', cores: '8', odd: 'x' };

test.each<[LabelSelectorRequirement, boolean]>([
  [{ key: 'app', operator: 'In', values: ['db', 'web'] }, true],
  [{ key: 'none', operator: 'In', values: ['web'] }, false],
  [{ key: 'app', operator: 'NotIn', values: ['web'] }, false],
  [{ key: 'none', operator: 'NotIn', values: ['web'] }, true],
  [{ key: 'app', operator: 'Exists' }, true],
  [{ key: 'app', operator: 'DoesNotExist' }, false],
  [{ key: 'cores', operator: 'Gt', values: ['7'] }, true],
  [{ key: 'cores', operator: 'Gt', values: ['8'] }, false],
  [{ key: 'cores', operator: 'Lt', values: ['10'] }, true],
  [{ key: 'odd', operator: 'Lt', values: ['10'] }, false],
  [{ key: 'none', operator: 'Gt', values: ['1'] }, false],
])('%o is %s', (requirement, expected) => {
  expect(matchesRequirements([requirement], labels)).toBe(expected);
});

test('an absent selector matches nothing, an empty one everything', () => {
  expect(matchesLabelSelector(undefined, labels)).toBe(false);
  expect(matchesLabelSelector({}, labels)).toBe(true);
  expect(matchesLabelSelector({ matchLabels: { app: 'web', cores: '9' } }, labels)).toBe(false);
  expect(
    matchesLabelSelector(
      { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'odd', operator: 'Exists' }] },
      labels,
    ),
  ).toBe(true);
});

test('an operator that Kubernetes does not have is refused', () => {
  expect(() => matchesRequirements([{ key: 'a', operator: 'Near' as 'In' }], labels)).toThrow(
    '"Near" is not a valid label selector operator',
  );
});
