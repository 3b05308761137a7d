import { describe, expect, test } from 'vitest';
import type { ApiResponse } from '../../simulator/apiserver/index.ts';
import type { Cluster } from '../../simulator/cluster.ts';
import * as refs from '../../simulator/resources/refs.ts';
import type { RunStrategy, VirtualMachine } from '../../simulator/types/kubevirt.ts';
import type { JsonValue } from '../../simulator/types/meta.ts';
import {
  act,
  admin,
  call,
  create,
  createVm,
  endGuest,
  instanceSpec,
  journal,
  patch,
  phaseOf,
  request,
  smallCluster,
  statusOf,
  untilStatus,
  vmOf,
  vmiOf,
} from '../cluster/fixture.ts';

type State = 'new' | 'running' | 'succeeded' | 'failed' | 'starting' | 'stopping';

/** A VM `vm` of this strategy in this state. */
function given(strategy: RunStrategy, state: State, more: object = {}): Cluster {
  const cluster = smallCluster({ nodes: 1 });
  createVm(cluster, 'vm', { runStrategy: strategy, more });
  cluster.advance(0);
  if (state === 'new') return cluster;
  if (strategy === 'Manual') act(cluster, 'start', 'vm');
  if (strategy === 'Halted') patch(cluster, refs.virtualMachines, 'vm', { spec: { runStrategy: 'Always' } });
  cluster.advance(0);
  if (state === 'starting') return cluster;
  untilStatus(cluster, 'Running');
  if (state === 'stopping' || strategy === 'Halted') {
    patch(cluster, refs.virtualMachines, 'vm', { spec: { runStrategy: 'Halted' } });
    cluster.advance(0);
  }
  if (state === 'succeeded' || state === 'failed') {
    endGuest(cluster, state === 'succeeded' ? 'Shutdown' : 'Crashed');
    // The moment at which the instance is final, before its VM's strategy has seen it.
    cluster.until(() => ['Succeeded', 'Failed'].includes(phaseOf(cluster) ?? ''), 10_000);
  }
  return cluster;
}

function answer(response: ApiResponse): [number, string | undefined] {
  return [response.code, response.type === 'status' ? response.status.message : undefined];
}

const conflict = (message: string, kind = 'virtualmachine') =>
  [409, `Operation cannot be fulfilled on ${kind}.kubevirt.io "vm": ${message}`] as const;
const UNDERWAY = [
  500,
  'Internal error occurred: unable to complete request: stop/start already underway',
] as const;
const ACCEPTED = [202, undefined] as const;
const OK = [200, undefined] as const;

type Row = readonly [
  action: string,
  strategy: RunStrategy,
  state: State,
  body: JsonValue | undefined,
  answer: readonly [number, string | undefined],
];

const ROWS: readonly Row[] = [
  // B2-10 start
  ['start', 'Halted', 'new', undefined, ACCEPTED],
  ['start', 'Halted', 'new', { paused: true }, ACCEPTED],
  ['start', 'Manual', 'new', undefined, ACCEPTED],
  ['start', 'Manual', 'succeeded', undefined, ACCEPTED],
  ['start', 'Manual', 'failed', undefined, ACCEPTED],
  ['start', 'RerunOnFailure', 'succeeded', undefined, ACCEPTED],
  ['start', 'Manual', 'running', undefined, conflict('VM is already running')],
  ['start', 'Manual', 'starting', undefined, conflict('VM is already running')],
  ['start', 'Always', 'running', undefined, conflict('VM is already running')],
  ['start', 'Always', 'failed', undefined, conflict('Always does not support manual start requests')],
  ['start', 'Once', 'succeeded', undefined, conflict('Once does not support manual start requests')],
  [
    'start',
    'RerunOnFailure',
    'failed',
    undefined,
    conflict('RerunOnFailure does not support starting VM from failed state'),
  ],
  // B2-11 stop
  ['stop', 'Always', 'running', undefined, ACCEPTED],
  ['stop', 'Always', 'new', undefined, ACCEPTED],
  ['stop', 'Once', 'running', undefined, ACCEPTED],
  ['stop', 'Once', 'succeeded', undefined, ACCEPTED],
  ['stop', 'Manual', 'running', undefined, ACCEPTED],
  ['stop', 'RerunOnFailure', 'running', undefined, ACCEPTED],
  ['stop', 'Manual', 'new', undefined, conflict('VM is not running')],
  ['stop', 'Manual', 'failed', undefined, conflict('VM is not running')],
  ['stop', 'Halted', 'new', undefined, conflict('VM is not running')],
  [
    'stop',
    'Halted',
    'running',
    undefined,
    conflict('Halted only supports manual stop requests with a shorter graceperiod'),
  ],
  ['stop', 'Halted', 'running', { gracePeriod: 0 }, ACCEPTED],
  // B2-12 restart
  ['restart', 'Always', 'running', undefined, ACCEPTED],
  ['restart', 'Manual', 'running', { gracePeriodSeconds: 0 }, ACCEPTED],
  ['restart', 'RerunOnFailure', 'running', undefined, ACCEPTED],
  [
    'restart',
    'Always',
    'running',
    { gracePeriodSeconds: 5 },
    [400, 'For force restart, only gracePeriod=0 is supported for now'],
  ],
  [
    'restart',
    'Always',
    'running',
    { gracePeriodSeconds: -1 },
    [400, 'gracePeriod has to be greater or equal to 0'],
  ],
  [
    'restart',
    'Halted',
    'new',
    undefined,
    conflict('RunStategy Halted does not support manual restart requests'),
  ],
  [
    'restart',
    'Once',
    'running',
    undefined,
    conflict('RunStategy Once does not support manual restart requests'),
  ],
  ['restart', 'Manual', 'new', undefined, conflict('VM is not running: Halted')],
  // B2-13 migrate
  ['migrate', 'Always', 'running', undefined, ACCEPTED],
  ['migrate', 'Always', 'running', { addedNodeSelector: { zone: 'a' } }, ACCEPTED],
  ['migrate', 'Always', 'starting', undefined, conflict('VM is not running')],
  ['migrate', 'Manual', 'new', undefined, [404, 'virtualmachineinstance.kubevirt.io "vm" not found']],
];

const NO_OBJECT: readonly JsonValue[] = [[], 'text', 5];

describe.each(ROWS)('%s of a VM that is %s and %s, with %j', (action, strategy, state, body, expected) => {
  test(`is answered ${expected[0]} ${expected[1] ?? ''}`, () => {
    const cluster = given(strategy, state);
    const { revision } = cluster;
    const response = call(cluster, `virtualmachines/vm/${action}`, body === undefined ? {} : { body });
    expect(answer(response)).toEqual(expected);
    if (expected[0] === 202) expect(response).toMatchObject({ type: 'raw', value: undefined });
    // The stop with grace of a halted VM is refused after virt-api has set the grace; all else changes nothing.
    else expect(cluster.revision).toBe(revision);
  });

  test('as a dry run is answered the same and changes nothing', () => {
    const cluster = given(strategy, state);
    const before = journal(cluster);
    const dry = { ...(body as object | undefined), dryRun: ['All'] } as JsonValue;
    expect(answer(call(cluster, `virtualmachines/vm/${action}`, { body: dry }))).toEqual(expected);
    expect(journal(cluster)).toEqual(before);
  });
});

describe('what the calls do', () => {
  test('start rewrites Halted to Always, and running: false to true', () => {
    const cluster = given('Halted', 'new');
    act(cluster, 'start', 'vm');
    expect(vmOf(cluster)?.spec.runStrategy).toBe('Always');
    createVm(cluster, 'old', { running: false });
    act(cluster, 'start', 'old');
    expect(vmOf(cluster, 'old')?.spec).toMatchObject({ running: true });
  });

  test('stop rewrites Always and Once to Halted', () => {
    for (const strategy of ['Always', 'Once'] as const) {
      const cluster = given(strategy, 'running');
      act(cluster, 'stop', 'vm');
      expect(vmOf(cluster)?.spec.runStrategy).toBe('Halted');
    }
  });

  test.each<RunStrategy>(['Manual', 'RerunOnFailure'])(
    'stop asks %s for the end of this one instance',
    strategy => {
      const cluster = given(strategy, 'running');
      act(cluster, 'stop', 'vm');
      expect(vmOf(cluster)?.status?.stateChangeRequests).toEqual([
        { action: 'Stop', uid: vmiOf(cluster)?.metadata.uid },
      ]);
    },
  );

  test('start of an ended instance asks for its end first', () => {
    const cluster = given('Manual', 'succeeded');
    const uid = vmiOf(cluster)?.metadata.uid;
    act(cluster, 'start', 'vm');
    expect(vmOf(cluster)?.status?.stateChangeRequests).toMatchObject([
      { action: 'Stop', uid },
      { action: 'Start' },
    ]);
  });

  test('a grace period at stop goes to the instance first', () => {
    const cluster = given('Always', 'running');
    act(cluster, 'stop', 'vm', { gracePeriod: 3 });
    expect(vmiOf(cluster)?.spec.terminationGracePeriodSeconds).toBe(3);
  });

  test('a restart by force lets the instance one second', () => {
    const cluster = given('Always', 'running');
    act(cluster, 'restart', 'vm', { gracePeriodSeconds: 0 });
    expect(vmiOf(cluster)?.spec.terminationGracePeriodSeconds).toBe(1);
  });

  test('a halted VM that is stopping can be told to hurry, not to take longer', () => {
    const cluster = given('Halted', 'stopping');
    expect(statusOf(cluster)).toBe('Stopping');
    patch(cluster, refs.virtualMachines, 'vm', {});
    expect(call(cluster, 'virtualmachines/vm/stop', { body: { gracePeriod: 1 } }).code).toBe(202);
    expect(vmiOf(cluster)?.spec.terminationGracePeriodSeconds).toBe(1);
  });

  test('requests on top of others are refused, but a stop takes their place', () => {
    const cluster = given('Manual', 'running');
    act(cluster, 'restart', 'vm');
    expect(answer(call(cluster, 'virtualmachines/vm/restart'))).toEqual(UNDERWAY);
    act(cluster, 'stop', 'vm');
    expect(vmOf(cluster)?.status?.stateChangeRequests).toHaveLength(1);
    const other = given('Manual', 'new');
    act(other, 'start', 'vm');
    expect(answer(call(other, 'virtualmachines/vm/start'))).toEqual(UNDERWAY);
  });

  test('a request forgets failed starts', () => {
    const cluster = given('Manual', 'new');
    cluster.advance(1_000);
    const status = {
      verb: 'patch',
      group: 'kubevirt.io',
      version: 'v1',
      resource: 'virtualmachines',
      subresource: 'status',
    } as const;
    cluster.request({
      ...status,
      namespace: 'default',
      name: 'vm',
      patchType: 'merge',
      body: { status: { startFailure: { consecutiveFailCount: 2 } } },
      user: admin,
    });
    act(cluster, 'start', 'vm');
    expect(vmOf(cluster)?.status?.startFailure).toBeUndefined();
  });

  test('migrate makes a migration of the instance', () => {
    const cluster = given('Always', 'running');
    call(cluster, 'virtualmachines/vm/migrate', { body: { addedNodeSelector: { zone: 'a' } } });
    const [migration, ...others] = cluster.view.list(refs.migrations, 'default');
    expect(others).toEqual([]);
    expect(migration?.metadata.name).toMatch(/^kubevirt-migrate-vm-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(migration?.spec).toMatchObject({ vmiName: 'vm', addedNodeSelector: { zone: 'a' } });
  });

  test('a VM in recovery, or whose volumes change, is left alone', () => {
    const recovery =
      'VM recovery required: Volume migration failed, leaving some volumes pointing to non-consistent targets; manual intervention is needed to reassign them to their original volumes.';
    const withCondition = (type: string) => {
      const cluster = given('Manual', 'new');
      cluster.advance(1_000);
      const known = vmOf(cluster)?.status?.conditions ?? [];
      request(cluster, 'patch', refs.virtualMachines, {
        name: 'vm',
        subresource: 'status',
        patchType: 'merge',
        body: { status: { conditions: [...known, { type, status: 'True' }] } } as unknown as JsonValue,
      });
      return cluster;
    };
    expect(answer(call(withCondition('ManualRecoveryRequired'), 'virtualmachines/vm/start'))).toEqual(
      conflict(recovery),
    );
    expect(answer(call(withCondition('VolumesChange'), 'virtualmachines/vm/restart'))).toEqual(
      conflict(recovery),
    );
  });

  test.each(['start', 'stop', 'restart', 'migrate'])('%s of what is not there is 404', action => {
    const cluster = smallCluster({ nodes: 1 });
    expect(answer(call(cluster, `virtualmachines/vm/${action}`))).toEqual([
      404,
      'virtualmachine.kubevirt.io "vm" not found',
    ]);
  });

  test.each(NO_OBJECT)('a body that is %j is 400', body => {
    const cluster = given('Halted', 'new');
    const [code, message] = answer(call(cluster, 'virtualmachines/vm/start', { body }));
    expect(code).toBe(400);
    expect(message).toMatch(/^Can not unmarshal Request body to struct, error: json: cannot unmarshal /);
    expect(vmOf(cluster)?.spec.runStrategy).toBe('Halted');
  });

  test('virt-api writes as itself, and the journal says for whom', () => {
    const cluster = given('Halted', 'new');
    act(cluster, 'start', 'vm');
    const last = cluster.store.journal.at(cluster.revision);
    expect(last).toMatchObject({
      author: 'virt-api',
      cause: { text: 'request kubernetes-admin: PUT virtualmachines/start default/vm' },
    });
  });
});

describe('pause and unpause (B2-22, B2-23)', () => {
  const vmiConflict = (message: string) => conflict(message, 'virtualmachineinstance');
  const pause = (cluster: Cluster, body?: JsonValue) =>
    answer(call(cluster, 'virtualmachineinstances/vm/pause', body === undefined ? {} : { body }));
  const unpause = (cluster: Cluster, body?: JsonValue) =>
    answer(call(cluster, 'virtualmachineinstances/vm/unpause', body === undefined ? {} : { body }));

  test('there and back', () => {
    const cluster = given('Always', 'running');
    expect(pause(cluster)).toEqual(OK);
    cluster.advance(1_000);
    expect(statusOf(cluster)).toBe('Paused');
    expect(pause(cluster)).toEqual(vmiConflict('VMI is already paused'));
    expect(unpause(cluster)).toEqual(OK);
    cluster.advance(1_000);
    expect(statusOf(cluster)).toBe('Running');
    expect(unpause(cluster)).toEqual(vmiConflict('VMI is not paused'));
  });

  test('only what runs', () => {
    const cluster = given('Always', 'starting');
    expect(pause(cluster)).toEqual(vmiConflict('VM is not running'));
    expect(unpause(cluster)).toEqual(vmiConflict('VMI is not running'));
  });

  test('only what is there', () => {
    const cluster = given('Halted', 'new');
    expect(pause(cluster)).toEqual([404, 'virtualmachineinstance.kubevirt.io "vm" not found']);
    expect(unpause(cluster)).toEqual([404, 'virtualmachineinstance.kubevirt.io "vm" not found']);
  });

  test('not with a liveness probe that a paused guest would fail', () => {
    const cluster = smallCluster({ nodes: 1 });
    const probe = { livenessProbe: { tcpSocket: { port: 22 } } };
    createVm(cluster, 'vm', { runStrategy: 'Always', spec: probe });
    untilStatus(cluster, 'Running');
    expect(pause(cluster)).toEqual([
      403,
      'virtualmachineinstance.kubevirt.io "vm" is forbidden: Pausing VMIs with a non-GuestAgentPing LivenessProbe is not supported',
    ]);
  });

  test('not to go on while a snapshot is taken', () => {
    const cluster = given('Always', 'running');
    pause(cluster);
    cluster.advance(1_000);
    request(cluster, 'patch', refs.virtualMachines, {
      name: 'vm',
      subresource: 'status',
      patchType: 'merge',
      body: { status: { snapshotInProgress: 'snap' } },
    });
    expect(unpause(cluster)).toEqual(conflict('VM snapshot is in progress'));
  });

  test('as dry runs change nothing', () => {
    const cluster = given('Always', 'running');
    const before = journal(cluster);
    expect(pause(cluster, { dryRun: ['All'] })).toEqual(OK);
    expect(journal(cluster)).toEqual(before);
  });
});

describe('expand-spec and expand-vm-spec (B2-18, B2-19)', () => {
  const instancetype = {
    metadata: { name: 'small', namespace: 'default' },
    spec: { cpu: { guest: 2 }, memory: { guest: '256Mi' } },
  };
  const preference = {
    metadata: { name: 'linux', namespace: 'default' },
    spec: { devices: { preferredDiskBus: 'virtio' } },
  };
  const { memory: _, ...domain } = instanceSpec().domain;
  const references = {
    instancetype: { kind: 'VirtualMachineInstancetype', name: 'small' },
    preference: { kind: 'VirtualMachinePreference', name: 'linux' },
  };
  const body = (more: object = {}): JsonValue =>
    ({
      apiVersion: 'kubevirt.io/v1',
      kind: 'VirtualMachine',
      metadata: { name: 'new' },
      spec: { runStrategy: 'Halted', ...references, template: { spec: instanceSpec(undefined, { domain }) } },
      ...more,
    }) as unknown as JsonValue;
  const expandBody = (
    cluster: Cluster,
    value: JsonValue | undefined,
    namespace: string | undefined = 'default',
  ) =>
    cluster.request({
      verb: 'update',
      group: 'subresources.kubevirt.io',
      version: 'v1',
      resource: 'expand-vm-spec',
      user: admin,
      ...(namespace ? { namespace } : {}),
      ...(value === undefined ? {} : { body: value }),
    });

  function prepared(): Cluster {
    const cluster = smallCluster({ nodes: 1 });
    create(cluster, refs.instancetypes, instancetype);
    create(cluster, refs.preferences, preference);
    return cluster;
  }

  function expectExpanded(response: ApiResponse): void {
    expect(response).toMatchObject({ type: 'raw', code: 200 });
    const vm = (response as { value?: unknown }).value as VirtualMachine;
    expect(vm.spec.instancetype).toBeUndefined();
    expect(vm.spec.preference).toBeUndefined();
    expect(vm.spec.template.spec.domain).toMatchObject({
      cpu: { sockets: 2, cores: 1, threads: 1 },
      memory: { guest: '256Mi' },
      devices: { disks: [{ name: 'root', disk: { bus: 'virtio' } }] },
    });
  }

  test('write out what a stored VM refers to, and store nothing', () => {
    const cluster = prepared();
    createVm(cluster, 'vm', { spec: { domain }, more: references });
    cluster.advance(1_000);
    const before = journal(cluster);
    expectExpanded(call(cluster, 'virtualmachines/vm/expand-spec', { verb: 'get' }));
    expect(journal(cluster)).toEqual(before);
  });

  test('write out what a VM in the body refers to, and store nothing', () => {
    const cluster = prepared();
    const before = journal(cluster);
    expectExpanded(expandBody(cluster, body()));
    expect(journal(cluster)).toEqual(before);
  });

  test('of a stored VM with a missing reference: 500', () => {
    const cluster = prepared();
    createVm(cluster, 'vm', { more: { preference: { kind: 'VirtualMachinePreference', name: 'nothing' } } });
    const [code, message] = answer(call(cluster, 'virtualmachines/vm/expand-spec', { verb: 'get' }));
    expect(code).toBe(500);
    expect(message).toContain('nothing');
  });

  test.each<[string, JsonValue | undefined, number, string]>([
    ['no body', undefined, 400, 'empty request body'],
    ['another kind', body({ kind: 'Pod' }), 400, 'Object is not a valid VirtualMachine'],
    ['no template', body({ spec: { runStrategy: 'Halted' } }), 400, 'Object is not a valid VirtualMachine'],
    [
      'another namespace',
      body({ metadata: { name: 'new', namespace: 'other' } }),
      400,
      'VM namespace must be empty or default',
    ],
  ])('of a body with %s', (_what, value, code, message) => {
    expect(answer(expandBody(prepared(), value))).toEqual([code, message]);
  });

  test('of a body with a missing reference: 400', () => {
    const [code, message] = answer(expandBody(smallCluster({ nodes: 1 }), body()));
    expect(code).toBe(400);
    expect(message).toContain('small');
  });
});

describe('what virt-api knows of itself', () => {
  const get = (resource: string) =>
    smallCluster({ nodes: 1 }).request({
      verb: 'get',
      group: 'subresources.kubevirt.io',
      version: 'v1',
      resource,
      user: admin,
    });

  test('its version', () => {
    expect(get('version')).toMatchObject({
      code: 200,
      value: { gitVersion: 'v1.9.0', compiler: 'gc', platform: 'linux/amd64' },
    });
  });

  test('where guestfs tools are', () => {
    expect(get('guestfs')).toMatchObject({
      code: 200,
      value: { tag: 'v1.9.0', registry: 'quay.io/kubevirt' },
    });
  });

  test('and not what it does not serve', () => {
    expect(get('nonsense').code).toBe(404);
  });
});
