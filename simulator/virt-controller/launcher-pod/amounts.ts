/**
 * Amounts of memory as whole bytes, with the format Kubernetes would print them in. Reading and printing quantities
 * goes through bigints; a launcher pod needs a dozen of the same few, so both directions are remembered.
 */
import { type QuantityFormat, canonicalQuantity, formatUnits, parseQuantity } from '../../types/quantity.ts';

/** Fractions of a byte are rounded up. */
export interface Bytes {
  readonly bytes: number;
  readonly format: QuantityFormat;
}

const CAPACITY = 2000;
const NANO = 1_000_000_000n;

function remember<K, V>(compute: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return key => {
    let value = known.get(key);
    if (value === undefined) {
      if (known.size >= CAPACITY) known.clear();
      value = compute(key);
      known.set(key, value);
    }
    return value;
  };
}

/**
 * A quantity of memory in bytes.
 * @throws RangeError when the text is no quantity.
 */
export const parseBytes: (text: string | number) => Bytes = remember(text => {
  const { nano, format } = parseQuantity(text);
  const whole = nano > 0n ? (nano + NANO - 1n) / NANO : nano / NANO;
  return { bytes: Number(whole), format };
});

const binary = remember((bytes: number) => formatUnits(bytes, 'BinarySI'));
const decimal = remember((bytes: number) => formatUnits(bytes, 'DecimalSI'));

export function formatBytes({ bytes, format }: Bytes): string {
  if (format === 'BinarySI') return binary(bytes);
  return format === 'DecimalSI' ? decimal(bytes) : formatUnits(bytes, format);
}

/** The text Kubernetes prints for a quantity of any resource: `1000m` is `1`. */
export const canonical: (text: string | number) => string = remember(text => canonicalQuantity(text));

/** The sum; zero takes the other's format (apimachinery Quantity.Add). */
export function addBytes(a: Bytes, b: Bytes): Bytes {
  return { bytes: a.bytes + b.bytes, format: a.bytes === 0 ? b.format : a.format };
}

export function subtractBytes(a: Bytes, b: Bytes): Bytes {
  return { bytes: a.bytes - b.bytes, format: a.bytes === 0 ? b.format : a.format };
}

/** A quantity's exact amount, for comparing. Absent is zero. */
export const exact: (text: string | number | undefined) => bigint = remember(text =>
  text === undefined ? 0n : parseQuantity(text).nano,
);

export const KILO = 1000;
export const MEBI = 1024 * 1024;
export const NOTHING: Bytes = Object.freeze({ bytes: 0, format: 'DecimalSI' });

/** Rounded up to whole thousands (Quantity.ScaledValue(resource.Kilo)). */
export function kilos(bytes: number): number {
  return Math.ceil(bytes / KILO);
}
