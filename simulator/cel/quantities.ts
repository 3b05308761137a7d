/** Quantities in rules (apiserver v1.35 pkg/cel/library/quantity.go): exact, as fractions of big integers. */
import type { Environment } from '@marcbachmann/cel-js';

const PATTERN = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?\d+)?$/;
const DECIMAL: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const BINARY = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const MOST = (1n << 63n) - 1n;
const SCALE = 10n ** 9n;
const BAD = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/** A quantity in billionths, the finest that Kubernetes keeps. */
export class CelQuantity {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }

  equals(other: unknown): boolean {
    return other instanceof CelQuantity && other.nanos === this.nanos;
  }

  toString(): string {
    return this.nanos % SCALE === 0n ? String(this.nanos / SCALE) : `${this.nanos}n`;
  }
}

/** @throws Error for what is no quantity. */
export function parseCelQuantity(text: string): CelQuantity {
  const match = PATTERN.exec(text);
  if (!match) throw new Error(BAD);
  const [, sign, whole = '', fraction = '', bare = '', suffix = ''] = match;
  const decimals = fraction + bare;
  let value = BigInt(whole + decimals || '0');
  let exponent = 9 - decimals.length;
  const binary = BINARY.indexOf(suffix);
  if (binary >= 0) value *= 1024n ** BigInt(binary + 1);
  else if (/^[eE]/.test(suffix) && suffix.length > 1) exponent += Number(suffix.slice(1));
  else if (suffix !== '') exponent += DECIMAL[suffix] as number;
  // What is finer than a billionth is rounded up, away from zero.
  const nanos =
    exponent >= 0
      ? value * 10n ** BigInt(exponent)
      : (value + 10n ** BigInt(-exponent) - 1n) / 10n ** BigInt(-exponent);
  return new CelQuantity(sign === '-' ? -nanos : nanos);
}

export function registerQuantities(environment: Environment): void {
  const compare = (a: CelQuantity, b: CelQuantity) => (a.nanos < b.nanos ? -1n : a.nanos > b.nanos ? 1n : 0n);
  const isInteger = ({ nanos }: CelQuantity) =>
    nanos % SCALE === 0n && nanos / SCALE <= MOST && nanos / SCALE >= -MOST - 1n;
  environment
    .registerType('kubernetes.Quantity', { ctor: CelQuantity, fields: {} })
    .registerFunction('quantity(string): kubernetes.Quantity', parseCelQuantity)
    .registerFunction('isQuantity(string): bool', (text: string) => PATTERN.test(text))
    .registerFunction('kubernetes.Quantity.sign(): int', ({ nanos }: CelQuantity) =>
      nanos > 0n ? 1n : nanos < 0n ? -1n : 0n,
    )
    .registerFunction('kubernetes.Quantity.isInteger(): bool', isInteger)
    .registerFunction('kubernetes.Quantity.asInteger(): int', (quantity: CelQuantity) => {
      if (!isInteger(quantity)) throw new Error('cannot convert value to integer');
      return quantity.nanos / SCALE;
    })
    .registerFunction(
      'kubernetes.Quantity.asApproximateFloat(): double',
      ({ nanos }: CelQuantity) => Number(nanos) / 1e9,
    )
    .registerFunction('kubernetes.Quantity.compareTo(kubernetes.Quantity): int', compare)
    .registerFunction(
      'kubernetes.Quantity.isGreaterThan(kubernetes.Quantity): bool',
      (a: CelQuantity, b: CelQuantity) => compare(a, b) > 0n,
    )
    .registerFunction(
      'kubernetes.Quantity.isLessThan(kubernetes.Quantity): bool',
      (a: CelQuantity, b: CelQuantity) => compare(a, b) < 0n,
    )
    .registerOperator('kubernetes.Quantity == kubernetes.Quantity', (a: CelQuantity, b: CelQuantity) =>
      a.equals(b),
    );
  for (const [name, sign] of [
    ['add', 1n],
    ['sub', -1n],
  ] as const) {
    environment
      .registerFunction(
        `kubernetes.Quantity.${name}(kubernetes.Quantity): kubernetes.Quantity`,
        (a: CelQuantity, b: CelQuantity) => new CelQuantity(a.nanos + sign * b.nanos),
      )
      .registerFunction(
        `kubernetes.Quantity.${name}(int): kubernetes.Quantity`,
        (a: CelQuantity, b: bigint) => new CelQuantity(a.nanos + sign * b * SCALE),
      );
  }
}
