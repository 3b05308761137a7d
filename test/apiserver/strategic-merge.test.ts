import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyStrategicPatch } from '../../simulator/apiserver/index.ts';
import { deployment } from './schemas.ts';

const merge = (spec: object, patch: object) =>
  (applyStrategicPatch({ spec } as never, { spec: patch } as never, deployment) as { spec: unknown }).spec;

describe('strategic merge', () => {
  it.each([
    ['null deletes', { replicas: 1 }, { replicas: null }, {}],
    [
      'items are merged by key',
      { containers: [{ name: 'a', image: '1' }] },
      { containers: [{ name: 'a', command: ['x'] }] },
      { containers: [{ name: 'a', image: '1', command: ['x'] }] },
    ],
    [
      'new items come first where nothing fixes their order',
      { containers: [{ name: 'a' }] },
      { containers: [{ name: 'b' }] },
      { containers: [{ name: 'b' }, { name: 'a' }] },
    ],
    [
      'items are deleted by directive',
      { containers: [{ name: 'a' }, { name: 'b' }] },
      { containers: [{ $patch: 'delete', name: 'a' }] },
      { containers: [{ name: 'b' }] },
    ],
    [
      'lists are replaced by directive',
      { containers: [{ name: 'a' }, { name: 'b' }] },
      { containers: [{ $patch: 'replace' }, { name: 'c' }] },
      { containers: [{ name: 'c' }] },
    ],
    [
      'lists without a strategy are replaced',
      { tolerations: [{ key: 'a' }] },
      { tolerations: [{ key: 'b' }] },
      { tolerations: [{ key: 'b' }] },
    ],
    [
      'maps are replaced by directive',
      { strategy: { type: 'a', rollingUpdate: { maxSurge: 1 } } },
      { strategy: { $patch: 'replace', type: 'b' } },
      { strategy: { type: 'b' } },
    ],
    [
      'retainKeys drops other keys',
      { strategy: { type: 'a', rollingUpdate: { maxSurge: 1 } } },
      { strategy: { $retainKeys: ['type'], type: 'Recreate' } },
      { strategy: { type: 'Recreate' } },
    ],
    [
      'setElementOrder orders items; one that only the server has stays before those it stood before',
      { containers: [{ name: 'a' }, { name: 'server' }, { name: 'b' }] },
      { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }] },
      { containers: [{ name: 'server' }, { name: 'b' }, { name: 'a' }] },
    ],
    [
      'deep items merge too',
      { containers: [{ name: 'a', env: [{ name: 'X', value: '1' }] }] },
      {
        containers: [
          {
            name: 'a',
            env: [
              { name: 'X', value: '2' },
              { name: 'Y', value: '3' },
            ],
          },
        ],
      },
      {
        containers: [
          {
            name: 'a',
            env: [
              { name: 'X', value: '2' },
              { name: 'Y', value: '3' },
            ],
          },
        ],
      },
    ],
    [
      'nulls of new values go',
      {},
      { strategy: { type: 'a', rollingUpdate: null } },
      { strategy: { type: 'a' } },
    ],
  ])('%s', (_what, spec, patch, expected) => {
    expect(merge(spec, patch)).toEqual(expected);
  });

  it('merges and prunes sets of primitives', () => {
    const result = applyStrategicPatch(
      { metadata: { finalizers: ['a', 'b'] } },
      { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'], finalizers: ['c'] } },
      deployment,
    );
    expect((result.metadata as { finalizers: string[] }).finalizers.sort()).toEqual(['b', 'c']);
  });

  const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'));
  const containers = names.chain(list =>
    fc.tuple(...list.map(name => fc.record({ name: fc.constant(name), image: fc.constantFrom('1', '2') }))),
  );

  it('is idempotent, and afterwards holds what the patch says', () => {
    fc.assert(
      fc.property(containers, containers, (live, patch) => {
        const once = merge({ containers: live }, { containers: patch }) as { containers: { name: string }[] };
        expect(merge(once, { containers: patch })).toEqual(once);
        for (const item of patch) expect(once.containers).toContainEqual(item);
        const all = new Set([...live, ...patch].map(item => item.name));
        expect(new Set(once.containers.map(item => item.name))).toEqual(all);
        expect(once.containers).toHaveLength(all.size);
      }),
    );
  });

  it('gives the asked order to items that it names', () => {
    fc.assert(
      fc.property(containers, fc.shuffledSubarray(['a', 'b', 'c', 'd', 'e']), (live, order) => {
        const patch = { '$setElementOrder/containers': order.map(name => ({ name })) };
        const { containers: list = [] } = merge({ containers: live }, patch) as {
          containers?: { name: string }[];
        };
        const present = order.filter(name => live.some(item => item.name === name));
        expect(list.map(item => item.name).filter(name => order.includes(name))).toEqual(present);
        expect(list).toHaveLength(live.length);
      }),
    );
  });
});
