import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random, hashFraction } from '../../simulator/clock/index.ts';

const seed = fc.integer();

describe('the seeded generator', () => {
  test('the same seed draws the same', () => {
    fc.assert(
      fc.property(seed, each => {
        const draw = (random: Random) => [
          random.uint32(),
          random.uuid(),
          random.nameSuffix(),
          random.fraction(),
        ];
        expect(draw(Random.fromSeed(each))).toEqual(draw(Random.fromSeed(each)));
      }),
    );
  });

  test('different seeds draw differently', () => {
    const uuids = Array.from({ length: 1_000 }, (_, each) => Random.fromSeed(each).uuid());
    expect(new Set(uuids).size).toBe(1_000);
  });

  test('goes on from its state as if nothing had happened, also after a trip through JSON', () => {
    fc.assert(
      fc.property(seed, fc.nat(50), (each, draws) => {
        const random = Random.fromSeed(each);
        for (let draw = 0; draw < draws; draw += 1) random.uint32();
        const again = Random.fromState(JSON.parse(JSON.stringify(random.state)));
        expect(Array.from({ length: 20 }, () => again.uint32())).toEqual(
          Array.from({ length: 20 }, () => random.uint32()),
        );
      }),
    );
  });

  test('a state that was taken does not move with the generator', () => {
    const random = Random.fromSeed(1);
    const state = random.state;
    const before = [...state];
    random.uuid();
    expect(state).toEqual(before);
    expect(random.state).not.toEqual(before);
  });

  test('UUIDs are of version 4 and RFC 4122 variant, and do not repeat', () => {
    const random = Random.fromSeed(42);
    const uuids = Array.from({ length: 5_000 }, () => random.uuid());
    for (const uuid of uuids) {
      expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
    expect(new Set(uuids).size).toBe(uuids.length);
    // All four variants of the clock digit occur.
    expect(new Set(uuids.map(uuid => uuid[19])).size).toBe(4);
  });

  test("name suffixes use apimachinery's alphabet, all of it and nothing else", () => {
    const random = Random.fromSeed(7);
    const suffixes = Array.from({ length: 2_000 }, () => random.nameSuffix());
    for (const suffix of suffixes) expect(suffix).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(new Set(suffixes.join('')).size).toBe('bcdfghjklmnpqrstvwxz2456789'.length);
    expect(random.nameSuffix(10)).toHaveLength(10);
  });

  test('alphanumeric texts have the wanted length', () => {
    expect(Random.fromSeed(3).alphanumeric(16)).toMatch(/^[a-z0-9]{16}$/);
  });

  test('whole numbers stay below their bound and reach all of it', () => {
    const random = Random.fromSeed(9);
    const drawn = Array.from({ length: 1_000 }, () => random.below(6));
    expect(new Set(drawn)).toEqual(new Set([0, 1, 2, 3, 4, 5]));
  });

  test('bytes come in any length', () => {
    fc.assert(
      fc.property(seed, fc.nat(40), (each, length) => {
        expect(Random.fromSeed(each).bytes(length)).toHaveLength(length);
      }),
    );
  });
});

describe('fractions that depend only on their parts', () => {
  test('are in [0, 1), the same for the same parts', () => {
    fc.assert(
      fc.property(seed, fc.array(fc.string()), (each, parts) => {
        const value = hashFraction(each, ...parts);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThan(1);
        expect(hashFraction(each, ...parts)).toBe(value);
      }),
    );
  });

  test('keep parts apart', () => {
    expect(hashFraction(1, 'ab', 'c')).not.toBe(hashFraction(1, 'a', 'bc'));
    expect(hashFraction(1, 'a')).not.toBe(hashFraction(2, 'a'));
  });

  test('are spread evenly, also over names that differ in a digit only', () => {
    const buckets = Array.from({ length: 10 }, () => 0);
    for (let each = 0; each < 10_000; each += 1) {
      const bucket = Math.floor(hashFraction(1, `vm-${each}`) * 10);
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
    }
    for (const count of buckets) {
      expect(count).toBeGreaterThan(850);
      expect(count).toBeLessThan(1_150);
    }
  });
});
