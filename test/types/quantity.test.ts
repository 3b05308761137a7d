import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  formatMilli,
  formatUnits,
  parseQuantity,
  quantityMilliValue,
  quantityValue,
  tryParseQuantity,
} from '../../simulator/types/quantity.ts';

/** Rows of apimachinery's pkg/api/resource/quantity_test.go: text, amount in 10⁻⁹ units, format. */
const PARSED: readonly (readonly [string, bigint, string])[] = [
  ['0', 0n, 'DecimalSI'],
  ['0Ki', 0n, 'BinarySI'],
  ['1', 1_000_000_000n, 'DecimalSI'],
  ['1Ki', 1024_000_000_000n, 'BinarySI'],
  ['7Mi', 7n * 1024n ** 2n * 10n ** 9n, 'BinarySI'],
  ['6Gi', 6n * 1024n ** 3n * 10n ** 9n, 'BinarySI'],
  ['5Ti', 5n * 1024n ** 4n * 10n ** 9n, 'BinarySI'],
  ['4Pi', 4n * 1024n ** 5n * 10n ** 9n, 'BinarySI'],
  ['3Ei', 3n * 1024n ** 6n * 10n ** 9n, 'BinarySI'],
  ['5n', 5n, 'DecimalSI'],
  ['4u', 4_000n, 'DecimalSI'],
  ['3m', 3_000_000n, 'DecimalSI'],
  ['8k', 8n * 10n ** 12n, 'DecimalSI'],
  ['7M', 7n * 10n ** 15n, 'DecimalSI'],
  ['6G', 6n * 10n ** 18n, 'DecimalSI'],
  ['300T', 300n * 10n ** 21n, 'DecimalSI'],
  ['2P', 2n * 10n ** 24n, 'DecimalSI'],
  ['1E', 10n ** 27n, 'DecimalSI'],
  ['1E-3', 1_000_000n, 'DecimalExponent'],
  ['1e3', 10n ** 12n, 'DecimalExponent'],
  ['1E18', 10n ** 27n, 'DecimalExponent'],
  ['1.3E+6', 13n * 10n ** 14n, 'DecimalExponent'],
  ['0.5e-2', 5_000_000n, 'DecimalExponent'],
  ['100.035k', 100_035n * 10n ** 9n, 'DecimalSI'],
  ['0.0005k', 500_000_000n, 'DecimalSI'],
  ['0.50000', 500_000_000n, 'DecimalSI'],
  // Finer than a nano-unit: rounded up.
  ['3.001n', 4n, 'DecimalSI'],
  ['1.1E-9', 2n, 'DecimalExponent'],
  ['0.0000000001', 1n, 'DecimalSI'],
  ['0.00000012345', 124n, 'DecimalSI'],
  // Binary amounts are capped at what int64 holds; decimal ones are not.
  ['9Ei', (2n ** 63n - 1n) * 10n ** 9n, 'BinarySI'],
  ['9223372036854775807Ki', (2n ** 63n - 1n) * 10n ** 9n, 'BinarySI'],
  ['12E', 12n * 10n ** 27n, 'DecimalSI'],
  // Fractions of binary amounts, and those below one, which turn decimal.
  ['100.035Ki', 102_435_840_000_000n, 'BinarySI'],
  ['0.5Mi', 512n * 1024n * 10n ** 9n, 'BinarySI'],
  ['0.05Gi', 53_687_091_200_000_000n, 'BinarySI'],
  ['0.000000000001Ki', 2n, 'DecimalSI'],
  ['.001', 1_000_000n, 'DecimalSI'],
  ['1.', 1_000_000_000n, 'DecimalSI'],
  ['1.G', 10n ** 18n, 'DecimalSI'],
];

describe('reading quantities as Kubernetes does', () => {
  test.each(PARSED)('%s', (text, nano, format) => {
    expect(parseQuantity(text)).toEqual({ nano, format });
    expect(parseQuantity(`+${text}`)).toEqual({ nano, format });
    expect(parseQuantity(`-${text}`)).toEqual({ nano: -nano, format });
  });

  test.each([
    '',
    '1.1.M',
    '1+1.0M',
    '0.1mi',
    '0.1am',
    'aoeu',
    '.5i',
    '1i',
    '-3.01i',
    '-3.01e-',
    '1e4294967297',
    ' 1',
    '1 ',
  ])('%j is none', text => {
    expect(tryParseQuantity(text)).toBeUndefined();
    expect(() => parseQuantity(text)).toThrow(
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    );
  });
});

describe('printing quantities in their canonical form', () => {
  test.each([
    ['1024Mi', '1Gi'],
    ['1536Mi', '1536Mi'],
    ['1.5Gi', '1536Mi'],
    ['2048Ki', '2Mi'],
    ['1023Ki', '1023Ki'],
    ['0.5Ki', '512'],
    ['0Ki', '0'],
    ['0.1Gi', '107374182400m'],
    ['1000m', '1'],
    ['1500m', '1500m'],
    ['1.5', '1500m'],
    ['0.1', '100m'],
    ['100m', '100m'],
    ['1000', '1k'],
    ['1024', '1024'],
    ['1000000', '1M'],
    ['1000k', '1M'],
    ['1e3', '1e3'],
    ['1000e3', '1e6'],
    ['12e2', '1200'],
    ['1e-3', '1e-3'],
    ['-1024Mi', '-1Gi'],
    ['-500m', '-500m'],
  ])('%s is %s', (text, canonical) => {
    expect(canonicalQuantity(text)).toBe(canonical);
  });

  test('numbers of bytes and of millicores', () => {
    expect(formatUnits(1_073_741_824, 'BinarySI')).toBe('1Gi');
    expect(formatUnits(0, 'BinarySI')).toBe('0');
    expect(formatUnits(281_018_368n, 'BinarySI')).toBe('268Mi');
    expect(formatMilli(100)).toBe('100m');
    expect(formatMilli(2_000)).toBe('2');
  });
});

describe('rounding is up, away from zero (Quantity.Value, MilliValue)', () => {
  test.each([
    ['9.01', 10, 9_010],
    ['-9.01', -10, -9_010],
    ['1500m', 2, 1_500],
    ['1n', 1, 1],
    ['-1n', -1, -1],
    ['1Ki', 1_024, 1_024_000],
    ['0', 0, 0],
  ])('%s', (text, value, milli) => {
    expect(quantityValue(text)).toBe(value);
    expect(quantityMilliValue(text)).toBe(milli);
  });
});

describe('comparing and adding', () => {
  test.each([
    ['0', '0', 0],
    ['100m', '50m', 1],
    ['50m', '100m', -1],
    ['10000T', '100Gi', 1],
    ['1Gi', '1024Mi', 0],
    ['1Gi', '1G', 1],
    ['1e3', '1k', 0],
  ])('%s and %s', (a, b, order) => {
    expect(compareQuantities(a, b)).toBe(order);
  });

  test.each([
    [['512Mi', '512Mi'], '1Gi'],
    [['1', '500m'], '1500m'],
    [['0', '1Gi'], '1Gi'],
    [['1Gi', '1G'], '2073741824'],
    [['1G', '1Gi'], '2073741824'],
    [['1M', '24Ki'], '1024576'],
    [['24Ki', '1000Ki'], '1Mi'],
    [[], '0'],
  ])('the sum of %j is %s', (texts, sum) => {
    expect(addQuantities(...texts)).toBe(sum);
  });
});

const suffixes = ['n', 'u', 'm', '', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi', 'e3', 'E-2'];
const quantity = fc
  .tuple(fc.integer({ min: -99_999, max: 99_999 }), fc.option(fc.nat(999)), fc.constantFrom(...suffixes))
  .map(([whole, fraction, suffix]) => `${whole}${fraction === null ? '' : `.${fraction}`}${suffix}`);

describe('properties', () => {
  test('the canonical text has the same amount and is canonical itself', () => {
    fc.assert(
      fc.property(quantity, text => {
        const canonical = canonicalQuantity(text);
        expect(compareQuantities(canonical, text)).toBe(0);
        expect(canonicalQuantity(canonical)).toBe(canonical);
      }),
    );
  });

  test('no fraction is printed, and the number before the suffix is as small as can be', () => {
    fc.assert(
      fc.property(quantity, text => {
        const canonical = canonicalQuantity(text);
        expect(canonical).toMatch(/^(0|-?[1-9]\d*([numkMGTPE]|[KMGTPE]i|e-?\d+)?)$/);
        const [, digits = '', suffix = ''] = /^-?(\d+)(.*)$/.exec(canonical) ?? [];
        if (suffix.endsWith('i')) expect(BigInt(digits) % 1024n === 0n && suffix !== 'Ei').toBe(false);
        else if (digits !== '0') expect(digits.endsWith('000') && suffix !== 'E').toBe(false);
      }),
    );
  });

  test('order is that of the amounts', () => {
    fc.assert(
      fc.property(quantity, quantity, (a, b) => {
        const difference = parseQuantity(a).nano - parseQuantity(b).nano;
        expect(compareQuantities(a, b)).toBe(difference < 0n ? -1 : difference > 0n ? 1 : 0);
        expect(compareQuantities(b, a)).toBe(0 - compareQuantities(a, b) + 0);
      }),
    );
  });

  test('sums are exact and do not depend on the order', () => {
    fc.assert(
      fc.property(fc.array(quantity, { maxLength: 6 }), texts => {
        const nano = texts.reduce((sum, text) => sum + parseQuantity(text).nano, 0n);
        expect(parseQuantity(addQuantities(...texts)).nano).toBe(nano);
        expect(compareQuantities(addQuantities(...texts), addQuantities(...texts.toReversed()))).toBe(0);
      }),
    );
  });
});
