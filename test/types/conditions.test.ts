import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  findCondition,
  hasCondition,
  withCondition,
  withoutCondition,
} from '../../simulator/types/conditions.ts';
import type { Condition } from '../../simulator/types/meta.ts';

const ready: Condition = { type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' };
const later = '2026-01-01T00:05:00Z';

describe('conditions', () => {
  test('there is one of each type', () => {
    const conditions = withCondition([ready], { ...ready, status: 'False', lastTransitionTime: later });
    expect(conditions).toEqual([{ type: 'Ready', status: 'False', lastTransitionTime: later }]);
  });

  test('one that says nothing new is left as it is, with its times, and the list is the same', () => {
    const conditions = [ready];
    expect(withCondition(conditions, { ...ready, lastTransitionTime: later })).toBe(conditions);
    expect(withCondition(conditions, { ...ready, reason: '', message: '' })).toBe(conditions);
  });

  test.each(['status', 'reason', 'message'])('a new %s replaces it', field => {
    const next = { ...ready, [field]: 'False', lastTransitionTime: later } as Condition;
    expect(withCondition([ready], next)).toEqual([next]);
  });

  test('a new type is appended, an old one keeps its place', () => {
    const synchronized: Condition = { type: 'Synchronized', status: 'False' };
    const both = withCondition([ready], synchronized);
    expect(both.map(({ type }) => type)).toEqual(['Ready', 'Synchronized']);
    expect(withCondition(both, { ...ready, status: 'False' }).map(({ type }) => type)).toEqual([
      'Ready',
      'Synchronized',
    ]);
  });

  test('taking away what is not there gives the same list', () => {
    const conditions = [ready];
    expect(withoutCondition(conditions, 'Paused')).toBe(conditions);
    expect(withoutCondition(conditions, 'Ready')).toEqual([]);
    expect(withoutCondition(undefined, 'Ready')).toEqual([]);
  });

  test('asking', () => {
    expect(findCondition(undefined, 'Ready')).toBeUndefined();
    expect(hasCondition([ready], 'Ready', 'True')).toBe(true);
    expect(hasCondition([ready], 'Ready', 'False')).toBe(false);
  });

  test('never hold a type twice, whatever is written and taken away', () => {
    const condition = fc.record({
      type: fc.constantFrom('Ready', 'Paused', 'Failure'),
      status: fc.constantFrom<Condition['status']>('True', 'False', 'Unknown'),
    });
    const step = fc.oneof(condition, fc.constantFrom('Ready', 'Paused', 'Failure'));
    fc.assert(
      fc.property(fc.array(step), steps => {
        let conditions: readonly Condition[] = [];
        for (const each of steps) {
          conditions =
            typeof each === 'string' ? withoutCondition(conditions, each) : withCondition(conditions, each);
          if (typeof each === 'string') expect(findCondition(conditions, each)).toBeUndefined();
          else expect(findCondition(conditions, each.type)).toEqual(each);
          expect(new Set(conditions.map(({ type }) => type)).size).toBe(conditions.length);
        }
      }),
    );
  });
});
