import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limitsOf } from '../../../simulator/kube-controllers/workloads/deployment/limits.ts';
import type { Deployment } from '../../../simulator/kube-controllers/workloads/types.ts';
import { type Lab, type Loose, deployment, image, makeLab } from './fixture.ts';

const DEPLOYMENTS = 'deployments.apps';

const amount = fc.oneof(
  fc.integer({ min: 0, max: 4 }),
  fc.constantFrom('0%', '10%', '25%', '34%', '50%', '100%'),
);

const pods = (lab: Lab) => lab.list('pods');
const isReady = (pod: Loose) =>
  !pod.metadata.deletionTimestamp &&
  pod.status.conditions?.some((each: Loose) => each.type === 'Ready' && each.status === 'True');

describe('a rolling update', () => {
  it('never exceeds what surge and unavailability allow, at any commit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), amount, amount, (replicas, maxSurge, maxUnavailable) => {
        const lab = makeLab();
        const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } };
        lab.create(DEPLOYMENTS, deployment('web', replicas, { strategy }));
        lab.seconds(10);
        const limits = limitsOf(lab.get(DEPLOYMENTS, 'web') as Deployment);
        let most = 0;
        let least = replicas;
        lab.cluster.onCommit(({ resource }) => {
          if (resource !== 'pods') return;
          const all = pods(lab);
          most = Math.max(most, all.filter(pod => !pod.metadata.deletionTimestamp).length);
          least = Math.min(least, all.filter(isReady).length);
        });
        lab.patch(DEPLOYMENTS, 'web', image('nginx:1.28'));
        lab.seconds(600);
        expect(most).toBeLessThanOrEqual(replicas + limits.maxSurge);
        expect(least).toBeGreaterThanOrEqual(replicas - limits.maxUnavailable);
        expect(pods(lab).map(pod => pod.spec.containers[0].image)).toEqual(
          Array(replicas).fill('nginx:1.28'),
        );
        expect(lab.refusals).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});

type Edit = { wait: number; body: object };
const edit: fc.Arbitrary<Edit> = fc.record({
  wait: fc.integer({ min: 0, max: 3_000 }),
  body: fc.oneof(
    fc.integer({ min: 0, max: 6 }).map(replicas => ({ spec: { replicas } })),
    fc.integer({ min: 1, max: 4 }).map(minor => image(`nginx:1.${minor}`)),
    fc.boolean().map(paused => ({ spec: { paused } })),
    fc.constantFrom(
      { spec: { strategy: { type: 'Recreate', rollingUpdate: null } } },
      { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } } },
      {
        spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: '50%' } } },
      },
    ),
    fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 1, max: 4 })).map(([replicas, minor]) => ({
      spec: { replicas, ...(image(`nginx:1.${minor}`) as Loose).spec },
    })),
  ),
});

describe('any sequence of edits', () => {
  it('ends in as many pods of the last template as last asked for', () => {
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 8 }), edits => {
        const lab = makeLab();
        lab.create(DEPLOYMENTS, deployment('web', 2, {}, 'nginx:1.0'));
        for (const { wait, body } of edits) {
          lab.cluster.advance(wait);
          lab.patch(DEPLOYMENTS, 'web', body);
        }
        lab.patch(DEPLOYMENTS, 'web', { spec: { paused: false } });
        lab.seconds(900);
        const { spec, status, metadata } = lab.get(DEPLOYMENTS, 'web');
        expect(pods(lab).map(pod => pod.spec.containers[0].image)).toEqual(
          Array(spec.replicas).fill(spec.template.spec.containers[0].image),
        );
        expect(status.observedGeneration).toBe(metadata.generation);
        expect([status.replicas ?? 0, status.updatedReplicas ?? 0, status.availableReplicas ?? 0]).toEqual(
          Array(3).fill(spec.replicas),
        );
        expect(lab.refusals).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
