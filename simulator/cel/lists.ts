/** List functions: Kubernetes' own, and those of cel-go's `lists` and `sets` extensions (apiserver v1.35 pkg/cel/library/lists.go). */
import type { Environment } from '@marcbachmann/cel-js';
import { celEqual, compareValues } from './values.ts';

type List = readonly unknown[];

const NUMERIC: Readonly<Record<string, number | bigint>> = { int: 0n, double: 0 };

export function registerLists(environment: Environment): void {
  environment
    .registerFunction('list<A>.isSorted(): bool', (list: List) =>
      list.every((item, at) => at === 0 || compareValues(list[at - 1], item) <= 0),
    )
    .registerFunction('list<A>.min(): A', (list: List) => extreme('min', list, -1))
    .registerFunction('list<A>.max(): A', (list: List) => extreme('max', list, 1))
    .registerFunction('list<A>.indexOf(A): int', (list: List, item: unknown) =>
      BigInt(list.findIndex(other => celEqual(other, item))),
    )
    .registerFunction('list<A>.lastIndexOf(A): int', (list: List, item: unknown) =>
      BigInt(list.findLastIndex(other => celEqual(other, item))),
    )
    .registerFunction('list<A>.distinct(): list<A>', (list: List) =>
      list.filter((item, at) => list.findIndex(other => celEqual(other, item)) === at),
    )
    .registerFunction('list<A>.reverse(): list<A>', (list: List) => list.toReversed())
    .registerFunction('list<A>.sort(): list<A>', (list: List) => list.toSorted(compareValues))
    .registerFunction('list<A>.slice(int, int): list<A>', (list: List, from: bigint, to: bigint) =>
      slice(list, Number(from), Number(to)),
    )
    .registerFunction('list<A>.flatten(): list<dyn>', (list: List) => list.flat(1))
    .registerFunction('list<A>.flatten(int): list<dyn>', (list: List, depth: bigint) => {
      if (depth < 0n) throw new Error('level must be non-negative');
      return list.flat(Number(depth));
    })
    .registerFunction(
      'SetsNamespace.contains(list<A>, list<A>): bool',
      (_: unknown, list: List, part: List) => part.every(item => includes(list, item)),
    )
    .registerFunction(
      'SetsNamespace.equivalent(list<A>, list<A>): bool',
      (_: unknown, a: List, b: List) =>
        a.every(item => includes(b, item)) && b.every(item => includes(a, item)),
    )
    .registerFunction('SetsNamespace.intersects(list<A>, list<A>): bool', (_: unknown, a: List, b: List) =>
      a.some(item => includes(b, item)),
    );
  for (const [type, zero] of Object.entries(NUMERIC)) {
    environment.registerFunction(`list<${type}>.sum(): ${type}`, (list: List) =>
      (list as bigint[]).reduce((total, item) => total + item, zero as bigint),
    );
  }
}

function includes(list: List, item: unknown): boolean {
  return list.some(other => celEqual(other, item));
}

function extreme(name: string, list: List, sign: number): unknown {
  if (list.length === 0) throw new Error(`${name} called on empty list`);
  return list.reduce((best, item) => (compareValues(item, best) * sign > 0 ? item : best));
}

function slice(list: List, from: number, to: number): List {
  if (from < 0 || to < 0) throw new Error(`cannot slice(${from}, ${to}), negative indexes not supported`);
  if (from > to)
    throw new Error(`cannot slice(${from}, ${to}), start index must be less than or equal to end index`);
  if (to > list.length) throw new Error(`cannot slice(${from}, ${to}), list is length ${list.length}`);
  return list.slice(from, to);
}
