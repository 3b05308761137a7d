import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  HOUR,
  MINUTE,
  SECOND,
  humanDuration,
  microTimestamp,
  parseDuration,
  parseTimestamp,
  timestamp,
} from '../../simulator/clock/index.ts';

const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

describe('ages are printed as kubectl prints them (apimachinery pkg/util/duration, tables of its own tests)', () => {
  test.each([
    [-2 * SECOND, '<invalid>'],
    [-2 * SECOND + 1, '0s'],
    [0, '0s'],
    [SECOND - 1, '0s'],
    [SECOND, '1s'],
    [70 * SECOND, '70s'],
    [2 * MINUTE - 1, '119s'],
    [2 * MINUTE, '2m'],
    [2 * MINUTE + SECOND, '2m1s'],
    [190 * SECOND, '3m10s'],
    [10 * MINUTE - 1, '9m59s'],
    [10 * MINUTE, '10m'],
    [10 * MINUTE + SECOND, '10m'],
    [70 * MINUTE, '70m'],
    [3 * HOUR - 1, '179m'],
    [3 * HOUR, '3h'],
    [3 * HOUR + MINUTE, '3h1m'],
    [8 * HOUR - 1, '7h59m'],
    [8 * HOUR, '8h'],
    [8 * HOUR + 59 * MINUTE, '8h'],
    [47 * HOUR, '47h'],
    [2 * DAY - 1, '47h'],
    [2 * DAY, '2d'],
    [2 * DAY + HOUR, '2d1h'],
    [8 * DAY - 1, '7d23h'],
    [8 * DAY, '8d'],
    [8 * DAY + 23 * HOUR, '8d'],
    [367 * DAY, '367d'],
    [2 * YEAR - 1, '729d'],
    [2 * YEAR, '2y'],
    [2 * YEAR + 23 * HOUR + 59 * MINUTE, '2y'],
    [2 * YEAR + DAY, '2y1d'],
    [3 * YEAR, '3y'],
    [8 * YEAR - 1, '7y364d'],
    [8 * YEAR, '8y'],
    [8 * YEAR + 364 * DAY, '8y'],
    [9 * YEAR, '9y'],
  ])('%d ms is %s', (span, text) => {
    expect(humanDuration(span)).toBe(text);
  });
});

describe('durations are written as Go writes them', () => {
  test.each([
    ['0', 0],
    ['0s', 0],
    ['500ms', 500],
    ['1.5s', 1_500],
    ['90s', 90_000],
    ['1m30s', 90_000],
    ['1h30m', 5_400_000],
    ['2h45m30.5s', 9_930_500],
    ['1000us', 1],
    ['1000µs', 1],
    ['1000000ns', 1],
    ['-30s', -30_000],
    ['+30s', 30_000],
  ])('%s', (text, span) => {
    expect(parseDuration(text)).toBeCloseTo(span, 6);
  });

  test.each(['', '5', 's', '1d', '1h ', ' 1h', '1h-3m', 'one hour', '1.s', '--1s'])('%j is none', text => {
    expect(() => parseDuration(text)).toThrow(RangeError);
    expect(() => parseDuration(text)).toThrow(JSON.stringify(text));
  });
});

describe('moments', () => {
  const at = Date.UTC(2026, 0, 1, 10, 4, 31, 789);

  test('metav1.Time is whole seconds, rounded down', () => {
    expect(timestamp(at)).toBe('2026-01-01T10:04:31Z');
  });

  test('metav1.MicroTime has six digits', () => {
    expect(microTimestamp(at)).toBe('2026-01-01T10:04:31.789000Z');
  });

  test('reading undoes printing, to the second', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Date.UTC(2100, 0) }), moment => {
        expect(parseTimestamp(timestamp(moment))).toBe(moment - (moment % SECOND));
      }),
    );
  });

  test('what is no moment is NaN', () => {
    expect(parseTimestamp('yesterday')).toBeNaN();
  });
});
