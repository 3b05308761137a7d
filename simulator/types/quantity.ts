/**
 * Kubernetes quantities: `100m`, `1Gi`, `1.5`, `1e3` (apimachinery pkg/api/resource, v1.35).
 * Exact: amounts are whole nano-units in a bigint, printed in Kubernetes' canonical form.
 */

export type QuantityFormat = 'BinarySI' | 'DecimalSI' | 'DecimalExponent';

export interface Quantity {
  /** The amount in 10⁻⁹ units; finer amounts are rounded up, as Kubernetes does. */
  readonly nano: bigint;
  readonly format: QuantityFormat;
}

const NANO = 1_000_000_000n;
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
/** Decimal suffixes by power of ten. */
const DECIMAL: Record<string, number> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const DECIMAL_BY_POWER = new Map(Object.entries(DECIMAL).map(([suffix, power]) => [power, suffix]));
/** Binary amounts end here: what int64 holds. */
const BINARY_LIMIT = (2n ** 63n - 1n) * NANO;
/** Kubernetes reads exponents up to 2³¹; nothing real is near, and numbers of that many digits cannot be held. */
const EXPONENT_LIMIT = 100_000;
const SYNTAX = /^([+-]?)(\d+(?:\.\d*)?|\.\d+)(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?\d+)?$/;

/** What Kubernetes answers for text that is no quantity. */
export const QUANTITY_SYNTAX_ERROR =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/** Parses a quantity; undefined when the text is none. */
export function tryParseQuantity(text: string | number): Quantity | undefined {
  const match = SYNTAX.exec(String(text));
  if (!match) return undefined;
  const [, sign, digits = '', suffix = ''] = match;
  const [whole = '', fraction = ''] = digits.split('.');
  let numerator = BigInt(`${whole}${fraction}` || '0') * NANO;
  let denominator = 10n ** BigInt(fraction.length);
  let format: QuantityFormat = 'DecimalSI';
  if (suffix.endsWith('i')) {
    format = 'BinarySI';
    numerator *= 1024n ** BigInt(BINARY.indexOf(suffix));
  } else {
    const exponent = /^[eE][+-]?\d/.test(suffix);
    const power = exponent ? Number(suffix.slice(1)) : (DECIMAL[suffix] ?? 0);
    if (Math.abs(power) > EXPONENT_LIMIT) return undefined;
    if (exponent) format = 'DecimalExponent';
    if (power >= 0) numerator *= 10n ** BigInt(power);
    else denominator *= 10n ** BigInt(-power);
  }
  let nano = (numerator + denominator - 1n) / denominator;
  if (format === 'BinarySI') {
    if (nano > BINARY_LIMIT) nano = BINARY_LIMIT;
    else if (nano > 0n && nano < NANO) format = 'DecimalSI';
  }
  return { nano: sign === '-' ? -nano : nano, format };
}

/**
 * Parses a quantity.
 * @throws RangeError when the text is no quantity.
 */
export function parseQuantity(text: string | number): Quantity {
  const quantity = tryParseQuantity(text);
  if (!quantity) throw new RangeError(`${JSON.stringify(text)}: ${QUANTITY_SYNTAX_ERROR}`);
  return quantity;
}

/** Whole units, rounded up: bytes for memory, cores for CPU (Quantity.Value). */
export function quantityValue(text: string | number): number {
  return Number(ceilDivide(parseQuantity(text).nano, NANO));
}

/** Thousandths, rounded up: millicores for CPU (Quantity.MilliValue). */
export function quantityMilliValue(text: string | number): number {
  return Number(ceilDivide(parseQuantity(text).nano, 1_000_000n));
}

/** Negative, zero or positive, as `a` is less than, equal to or more than `b`. */
export function compareQuantities(a: string | number, b: string | number): number {
  const difference = parseQuantity(a).nano - parseQuantity(b).nano;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The sum, printed in the format of the first that is not zero. */
export function addQuantities(...texts: (string | number)[]): string {
  let nano = 0n;
  let format: QuantityFormat | undefined;
  for (const text of texts) {
    const quantity = parseQuantity(text);
    nano += quantity.nano;
    if (quantity.nano !== 0n) format ??= quantity.format;
  }
  return formatQuantity({ nano, format: format ?? 'DecimalSI' });
}

/** A whole number of units as a quantity: `formatUnits(1073741824, 'BinarySI')` is `1Gi`. */
export function formatUnits(units: number | bigint, format: QuantityFormat = 'DecimalSI'): string {
  return formatQuantity({ nano: BigInt(units) * NANO, format });
}

/** Thousandths as a quantity: `formatMilli(100)` is `100m`. */
export function formatMilli(milli: number | bigint): string {
  return formatQuantity({ nano: BigInt(milli) * 1_000_000n, format: 'DecimalSI' });
}

/** The canonical text: the largest suffix that leaves a whole number. */
export function formatQuantity({ nano, format }: Quantity): string {
  if (nano === 0n) return '0';
  const magnitude = nano < 0n ? -nano : nano;
  const sign = nano < 0n ? '-' : '';
  // Kubernetes prints binary amounts below 1Ki, and fractions, in decimal.
  if (format === 'BinarySI' && magnitude >= 1024n * NANO && magnitude % NANO === 0n) {
    let units = magnitude / NANO;
    let step = 0;
    while (units % 1024n === 0n && step < BINARY.length - 1) {
      units /= 1024n;
      step += 1;
    }
    return `${sign}${units}${BINARY[step]}`;
  }
  let units = magnitude;
  let power = -9;
  while (units % 1000n === 0n && power < 18) {
    units /= 1000n;
    power += 3;
  }
  if (format === 'DecimalExponent') return power === 0 ? `${sign}${units}` : `${sign}${units}e${power}`;
  return `${sign}${units}${DECIMAL_BY_POWER.get(power)}`;
}

/** The canonical text of a quantity given in any spelling: `1024Mi` is `1Gi`. */
export function canonicalQuantity(text: string | number): string {
  return formatQuantity(parseQuantity(text));
}

/** Away from zero, negative amounts too. */
function ceilDivide(a: bigint, b: bigint): bigint {
  return (a > 0n ? a + b - 1n : a - b + 1n) / b;
}
