import { describe, expect, test } from 'vitest';
import { explain, schedule } from '../../simulator/scheduler/index.ts';
import { FIRST, node, pod } from './build.ts';

function opinion(plugin: string, on: string, ...args: Parameters<typeof explain>) {
  return explain(...args).find(o => o.plugin === plugin && o.node === on && o.verdict === 'scores')?.score;
}

describe('scores', () => {
  const half = pod('half', { cpu: '2', memory: '4Gi' });
  const incoming = pod('p', { cpu: '1', memory: '2Gi' });

  test('least allocated: the mean of what would stay free', () => {
    const nodes = [node('empty'), node('half', {}, [half])];
    expect(opinion('NodeResourcesFit', 'empty', incoming, nodes, FIRST)).toBe(75);
    expect(opinion('NodeResourcesFit', 'half', incoming, nodes, FIRST)).toBe(25);
    expect(schedule(incoming, nodes, FIRST)).toMatchObject({ node: 'empty' });
  });

  test('containers without requests count as 100m and 200 Mi', () => {
    // (4000 - 100) / 4000 = 97 %, (8192 - 200) / 8192 = 97 %.
    expect(opinion('NodeResourcesFit', 'a', pod('p'), [node('a')], FIRST)).toBe(97);
    expect(opinion('NodeResourcesBalancedAllocation', 'a', pod('p'), [node('a')], FIRST)).toBeUndefined();
  });

  test('balanced allocation: half the distance of the shares', () => {
    expect(opinion('NodeResourcesBalancedAllocation', 'a', incoming, [node('a')], FIRST)).toBe(100);
    // 50 % of the CPU, no memory.
    expect(opinion('NodeResourcesBalancedAllocation', 'a', pod('p', { cpu: '2' }), [node('a')], FIRST)).toBe(
      75,
    );
  });

  test('preferences are scaled to 100', () => {
    const preference = (value: string, weight: number) => ({
      weight,
      preference: { matchExpressions: [{ key: 'disk', operator: 'In' as const, values: [value] }] },
    });
    const wish = pod(
      'p',
      {},
      {
        affinity: {
          nodeAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [preference('ssd', 20), preference('hdd', 5)],
          },
        },
      },
    );
    const nodes = [
      node('ssd', { labels: { disk: 'ssd' } }),
      node('hdd', { labels: { disk: 'hdd' } }),
      node('none'),
    ];
    expect(nodes.map(({ name }) => opinion('NodeAffinity', name, wish, nodes, FIRST))).toEqual([100, 25, 0]);
  });

  test('a PreferNoSchedule taint is avoided', () => {
    const nodes = [node('a', { taints: [{ key: 'k', effect: 'PreferNoSchedule' }] }), node('b')];
    expect(schedule(pod('p'), nodes, FIRST)).toMatchObject({ node: 'b' });
  });

  test('preferred anti-affinity spreads, and ties are broken by the caller', () => {
    const spread = pod(
      'p',
      {},
      {
        affinity: {
          podAntiAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              {
                weight: 1,
                podAffinityTerm: {
                  labelSelector: { matchLabels: { app: 'x' } },
                  topologyKey: 'kubernetes.io/hostname',
                },
              },
            ],
          },
        },
      },
    );
    const mate = pod('mate', {}, {}, { app: 'x' });
    expect(schedule(spread, [node('a', {}, [mate]), node('b')], FIRST)).toMatchObject({ node: 'b' });
    const equal = [node('a'), node('b'), node('c')];
    expect(schedule(pod('p'), equal, { tieBreak: count => count - 1 })).toMatchObject({ node: 'c' });
    expect(() => schedule(pod('p'), equal, { tieBreak: count => count })).toThrow('tieBreak(3) gave 3');
  });

  test('above 100 nodes the search stops at half of them and goes on from there', () => {
    const nodes = Array.from({ length: 400 }, (_, i) => node(`n${i}`));
    const first = schedule(pod('p'), nodes, FIRST);
    // 50 - 400 / 125 = 47 percent.
    expect(first).toMatchObject({ kind: 'scheduled', nextStartIndex: 188 });
    expect(schedule(pod('p'), nodes, { ...FIRST, startIndex: 300 })).toMatchObject({
      node: 'n300',
      nextStartIndex: 88,
    });
  });
});
