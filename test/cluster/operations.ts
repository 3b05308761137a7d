/** Random things that people do to a cluster, for property tests. Refused requests are part of the game. */
import fc from 'fast-check';
import type { Cluster } from '../../simulator/cluster.ts';
import * as refs from '../../simulator/resources/refs.ts';
import type { RunStrategy } from '../../simulator/types/kubevirt.ts';
import type { JsonValue } from '../../simulator/types/meta.ts';
import { call, claim, destroy, launchersOf, machine, onClaim, instanceSpec, request } from './fixture.ts';

export type Action =
  | {
      readonly do: 'create';
      readonly name: string;
      readonly strategy: RunStrategy;
      readonly memory: string;
      readonly claim: boolean;
    }
  | { readonly do: 'createVmi'; readonly name: string; readonly memory: string }
  | { readonly do: 'call'; readonly name: string; readonly path: 'start' | 'stop' | 'restart' }
  | { readonly do: 'pause' | 'unpause'; readonly name: string }
  | { readonly do: 'delete'; readonly name: string; readonly policy: 'Background' | 'Foreground' | 'Orphan' }
  | { readonly do: 'deleteVmi'; readonly name: string }
  | { readonly do: 'deletePod'; readonly name: string; readonly force: boolean }
  | { readonly do: 'patch'; readonly name: string; readonly body: JsonValue }
  | { readonly do: 'claim' | 'unclaim' }
  | { readonly do: 'advance'; readonly span: number };

const name = fc.constantFrom('vm', 'web', 'db');
const memory = fc.constantFrom('64Mi', '512Mi', '2Gi', '900Gi');
const strategy = fc.constantFrom<RunStrategy>('Always', 'Halted', 'Manual', 'RerunOnFailure', 'Once');

const patchBody = fc.constantFrom<JsonValue>(
  { metadata: { labels: { tier: 'front' } } },
  { metadata: { labels: { tier: null } } },
  { spec: { runStrategy: 'Always' } },
  { spec: { runStrategy: 'Halted' } },
  { spec: { runStrategy: 'RerunOnFailure' } },
  { spec: { runStrategy: 'Manual' } },
  { spec: { template: { metadata: { labels: { app: 'x' } } } } },
  { spec: { template: { spec: { domain: { memory: { guest: '96Mi' } } } } } },
  { spec: { template: { spec: { terminationGracePeriodSeconds: 5 } } } },
  { spec: { nonsense: true } },
);

export const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('create' as const),
      name,
      strategy,
      memory,
      claim: fc.nat(5).map(n => n === 0),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('createVmi' as const), name, memory }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('call' as const),
      name,
      path: fc.constantFrom('start' as const, 'stop' as const, 'restart' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('pause' as const, 'unpause' as const), name }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('delete' as const),
      name,
      policy: fc.constantFrom('Background' as const, 'Foreground' as const, 'Orphan' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('deleteVmi' as const), name }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('deletePod' as const), name, force: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('patch' as const), name, body: patchBody }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('claim' as const, 'unclaim' as const) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('advance' as const),
      span: fc.constantFrom(0, 10, 300, 1_000, 7_000, 45_000),
    }),
  },
);

export const actions = (maxLength: number) => fc.array(action, { maxLength });

/** Does it; the answer's code, or 0 where there was nothing to ask. */
export function perform(cluster: Cluster, step: Action): number {
  switch (step.do) {
    case 'advance':
      cluster.advance(step.span);
      return 0;
    case 'create': {
      const spec = step.claim ? onClaim('data') : {};
      const body = {
        ...refsHead(refs.virtualMachines),
        ...machine(step.name, { runStrategy: step.strategy, memory: step.memory, spec }),
      };
      return request(cluster, 'create', refs.virtualMachines, { body: body as unknown as JsonValue }).code;
    }
    case 'createVmi': {
      const body = {
        ...refsHead(refs.virtualMachineInstances),
        metadata: { name: step.name },
        spec: instanceSpec(step.memory),
      };
      return request(cluster, 'create', refs.virtualMachineInstances, { body: body as unknown as JsonValue })
        .code;
    }
    case 'call':
      return call(cluster, `virtualmachines/${step.name}/${step.path}`).code;
    case 'pause':
    case 'unpause':
      return call(cluster, `virtualmachineinstances/${step.name}/${step.do}`).code;
    case 'delete':
      return destroy(cluster, refs.virtualMachines, step.name, { propagationPolicy: step.policy }).code;
    case 'deleteVmi':
      return destroy(cluster, refs.virtualMachineInstances, step.name).code;
    case 'deletePod': {
      const pod = launchersOf(cluster, step.name)[0];
      return pod
        ? destroy(cluster, refs.pods, pod.metadata.name, step.force ? { gracePeriodSeconds: 0 } : {}).code
        : 0;
    }
    case 'patch':
      return request(cluster, 'patch', refs.virtualMachines, {
        name: step.name,
        body: step.body,
        patchType: 'merge',
        options: { fieldValidation: 'Strict' },
      }).code;
    case 'claim':
      return request(cluster, 'create', refs.persistentVolumeClaims, {
        body: { ...refsHead(refs.persistentVolumeClaims), ...claim('data', 'late') } as unknown as JsonValue,
      }).code;
    case 'unclaim':
      return destroy(cluster, refs.persistentVolumeClaims, 'data').code;
  }
}

function refsHead({ apiVersion, kind }: { apiVersion: string; kind: string }) {
  return { apiVersion, kind };
}
