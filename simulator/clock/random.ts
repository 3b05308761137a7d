/**
 * The cluster's generator: xoroshiro128+ whose state is four integers, so that a checkpoint can hold it.
 * All names, UIDs and choices of a cluster are drawn from it; the same seed gives the same cluster.
 */
import { customRandom } from 'nanoid';
import { xoroshiro128plus, xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

/** The alphabet of Kubernetes' generated names: no vowels, no look-alikes (apimachinery pkg/util/rand). */
const NAME_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const ALPHANUMERIC = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** Draws after which neighbouring seeds have nothing in common. */
const WARM_UP_DRAWS = 64;

export type RandomState = readonly number[];

export class Random {
  readonly #generator;

  private constructor(generator: ReturnType<typeof xoroshiro128plus>) {
    this.#generator = generator;
  }

  static fromSeed(seed: number): Random {
    const random = new Random(xoroshiro128plus(seed));
    // A small seed leaves most bits of the state alike; they have mixed after some draws.
    for (let draw = 0; draw < WARM_UP_DRAWS; draw += 1) random.uint32();
    return random;
  }

  static fromState(state: RandomState): Random {
    return new Random(xoroshiro128plusFromState(state));
  }

  get state(): RandomState {
    return this.#generator.getState();
  }

  /** A whole number of 32 bits, unsigned. */
  uint32(): number {
    return this.#generator.next() >>> 0;
  }

  /** In [0, 1). */
  fraction(): number {
    return this.uint32() / 0x1_0000_0000;
  }

  /** A whole number in [0, count). */
  below(count: number): number {
    return Math.floor(this.fraction() * count);
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += 4) {
      const word = this.uint32();
      for (let offset = 0; offset < 4 && at + offset < length; offset += 1) {
        bytes[at + offset] = word >>> (8 * offset);
      }
    }
    return bytes;
  }

  /** The suffix of a generated name: `x7k2p`. */
  nameSuffix(length = 5): string {
    return customRandom(NAME_ALPHABET, length, size => this.bytes(size))();
  }

  alphanumeric(length: number): string {
    return customRandom(ALPHANUMERIC, length, size => this.bytes(size))();
  }

  /** An RFC 4122 version 4 UUID. */
  uuid(): string {
    const a = this.uint32();
    const b = this.uint32();
    const c = this.uint32();
    const d = this.uint32();
    return `${hex(a, 8)}-${hex(b >>> 16, 4)}-4${hex(b & 0xfff, 3)}-${hex(0x8000 | (c >>> 18), 4)}-${hex(
      c & 0xffff,
      4,
    )}${hex(d, 8)}`;
  }
}

function hex(value: number, width: number): string {
  return value.toString(16).padStart(width, '0');
}

/**
 * A fraction in [0, 1) that depends only on its inputs (FNV-1a, finished by murmur3's mixer). Delays are drawn with
 * it, so that looking twice at the same moment gives the same answer.
 */
export function hashFraction(seed: number, ...parts: string[]): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (const part of parts) {
    for (let at = 0; at < part.length; at += 1) {
      hash = Math.imul(hash ^ part.charCodeAt(at), 0x01000193);
    }
    hash = Math.imul(hash ^ 0xff, 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x1_0000_0000;
}
