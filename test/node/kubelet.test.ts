import { beforeEach, describe, expect, it } from 'vitest';
import { createCluster } from '../../simulator/create-cluster.ts';
import { pods } from '../../simulator/resources/refs.ts';
import { summarizePod } from '../../simulator/resources/pod-columns.ts';
import type { JsonObject } from '../../simulator/types/meta.ts';
import { type Lab, condition, makeLab } from '../kube-controllers/workloads/fixture.ts';

let lab: Lab;
beforeEach(() => {
  lab = makeLab({ nodes: 1 });
});

function pod(name: string, containers: object[], spec: object = {}): object {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers, ...spec } };
}

const shell = (script: string, more: object = {}) => ({
  name: 'app',
  image: 'busybox:1.36',
  command: ['sh', '-c', script],
  ...more,
});

/** What `kubectl get pod` prints under READY, STATUS and RESTARTS. */
function row(name: string): string[] {
  const { ready, total, status, restarts } = summarizePod(lab.get('pods', name));
  return [`${ready}/${total}`, status, String(restarts)];
}

const app = (name: string) => lab.get('pods', name).status.containerStatuses?.[0];

describe('a pod that serves', () => {
  it('runs, and is ready as soon as it does when nothing probes it', () => {
    lab.create('pods', pod('web', [{ name: 'web', image: 'nginx:1.27' }]));
    lab.seconds(2);
    expect(row('web')).toEqual(['1/1', 'Running', '0']);
    expect(condition(lab.get('pods', 'web'), 'Ready').status).toBe('True');
    lab.seconds(3_600);
    expect(row('web')).toEqual(['1/1', 'Running', '0']);
  });

  it('becomes ready after the initial delay of its probe', () => {
    const readinessProbe = { httpGet: { port: 80 }, initialDelaySeconds: 20 };
    lab.create('pods', pod('web', [{ name: 'web', image: 'nginx:1.27', readinessProbe }]));
    lab.seconds(15);
    expect(row('web')).toEqual(['0/1', 'Running', '0']);
    expect(condition(lab.get('pods', 'web'), 'Ready')).toMatchObject({
      status: 'False',
      reason: 'ContainersNotReady',
      message: 'containers with unready status: [web]',
    });
    lab.seconds(10);
    expect(row('web')).toEqual(['1/1', 'Running', '0']);
  });

  it('never becomes ready when its probe is a command that fails', () => {
    const readinessProbe = { exec: { command: ['false'] } };
    lab.create('pods', pod('web', [{ name: 'web', image: 'nginx:1.27', readinessProbe }]));
    lab.seconds(600);
    expect(row('web')).toEqual(['0/1', 'Running', '0']);
  });

  it('is restarted when its liveness probe fails', () => {
    const livenessProbe = {
      exec: { command: ['sh', '-c', 'exit 1'] },
      initialDelaySeconds: 5,
      periodSeconds: 5,
    };
    lab.create('pods', pod('web', [{ name: 'web', image: 'nginx:1.27', livenessProbe }]));
    lab.seconds(20);
    expect(row('web')).toEqual(['1/1', 'Running', '1']);
    expect(app('web').lastState.terminated).toMatchObject({ exitCode: 137, reason: 'Error' });
    expect(lab.events('web')).toContain('Killing: Container web failed liveness probe, will be restarted');
  });

  it('goes away when it is deleted', () => {
    lab.create('pods', pod('web', [{ name: 'web', image: 'nginx:1.27' }]));
    lab.seconds(2);
    lab.remove('pods', 'web');
    expect(row('web')[1]).toBe('Terminating');
    lab.seconds(30);
    expect(lab.get('pods', 'web')).toBeUndefined();
    expect(lab.cluster.store.count('podruntimes.internal.simulator.kubevirt.io')).toBe(0);
  });
});

describe('a pod that ends', () => {
  it.each([
    ['true', 'Never', 'Succeeded', 'Completed'],
    ['false', 'Never', 'Failed', 'Error'],
    ['exit 3', 'Never', 'Failed', 'Error'],
    ['sleep 5; echo done', 'OnFailure', 'Succeeded', 'Completed'],
  ])('%s with restartPolicy %s: %s, %s', (script, restartPolicy, phase, status) => {
    lab.create('pods', pod('once', [shell(script)], { restartPolicy }));
    lab.seconds(30);
    expect(lab.get('pods', 'once').status.phase).toBe(phase);
    expect(row('once')).toEqual(['0/1', status, '0']);
    expect(condition(lab.get('pods', 'once'), 'Ready').reason).toBe(
      phase === 'Succeeded' ? 'PodCompleted' : 'PodFailed',
    );
  });

  it('reports exit code and times', () => {
    lab.create('pods', pod('once', [shell('sleep 4; exit 7')], { restartPolicy: 'Never' }));
    lab.seconds(10);
    const { exitCode, reason, startedAt, finishedAt } = app('once').state.terminated;
    expect([exitCode, reason, Date.parse(finishedAt) - Date.parse(startedAt)]).toEqual([7, 'Error', 4_000]);
  });

  it('waits for all its containers', () => {
    const both = [shell('sleep 2'), { ...shell('sleep 20'), name: 'slow' }];
    lab.create('pods', pod('once', both, { restartPolicy: 'Never' }));
    lab.seconds(10);
    expect(row('once')).toEqual(['1/2', 'NotReady', '0']);
    lab.seconds(20);
    expect(row('once')).toEqual(['0/2', 'Completed', '0']);
  });
});

describe('a crash loop', () => {
  beforeEach(() => {
    lab.create('pods', pod('crash', [shell('exit 1')]));
  });

  it('backs off 10 s, then twice as long each time, up to 5 minutes', () => {
    const starts: number[] = [];
    let known = '';
    lab.cluster.onCommit(({ resource }) => {
      if (resource !== 'pods') return;
      const restarts = String(app('crash')?.restartCount);
      if (restarts !== known) starts.push(lab.cluster.now);
      known = restarts;
    });
    lab.seconds(3_600);
    const gaps = starts.slice(2).map((at, index) => Math.round((at - (starts[index + 1] as number)) / 1_000));
    expect(gaps.slice(0, 7)).toEqual([1, 10, 20, 40, 80, 160, 300]);
    expect(new Set(gaps.slice(6))).toEqual(new Set([300]));
  });

  it('says so in status and events', () => {
    lab.seconds(6);
    expect(row('crash')).toEqual(['0/1', 'CrashLoopBackOff', '1']);
    const { uid } = lab.get('pods', 'crash').metadata;
    expect(app('crash').state.waiting).toEqual({
      reason: 'CrashLoopBackOff',
      message: `back-off 10s restarting failed container=app pod=crash_default(${uid})`,
    });
    expect(app('crash').lastState.terminated).toMatchObject({ exitCode: 1, reason: 'Error' });
    expect(lab.get('pods', 'crash').status.phase).toBe('Running');
    expect(lab.events('crash')).toContain(
      `BackOff: Back-off restarting failed container app in pod crash_default(${uid})`,
    );
  });
});

describe('images that cannot be had', () => {
  it('ErrImagePull and ImagePullBackOff take turns', () => {
    lab.create('pods', pod('lost', [{ name: 'app', image: 'registry.invalid/team/app:v1' }]));
    const seen: string[] = [];
    lab.cluster.onCommit(({ resource }) => {
      const reason = resource === 'pods' ? app('lost')?.state?.waiting?.reason : undefined;
      if (reason && reason !== seen.at(-1)) seen.push(reason);
    });
    lab.seconds(60);
    expect(seen).toEqual([
      'ContainerCreating',
      'ErrImagePull',
      'ImagePullBackOff',
      'ErrImagePull',
      'ImagePullBackOff',
      'ErrImagePull',
      'ImagePullBackOff',
    ]);
    expect(row('lost')).toEqual(['0/1', 'ImagePullBackOff', '0']);
    expect(lab.get('pods', 'lost').status.phase).toBe('Pending');
    const events = lab.events('lost');
    expect(events).toContain('Pulling: Pulling image "registry.invalid/team/app:v1"');
    expect(events).toContain('Failed: Error: ErrImagePull');
    expect(events).toContain('BackOff: Back-off pulling image "registry.invalid/team/app:v1"');
    expect(events).toContain('Failed: Error: ImagePullBackOff');
  });

  it('a name that is none is refused at once', () => {
    lab.create('pods', pod('bad', [{ name: 'app', image: 'Nginx' }]));
    lab.seconds(5);
    expect(app('bad').state.waiting).toEqual({
      reason: 'InvalidImageName',
      message:
        'Failed to apply default image tag "Nginx": couldn\'t parse image name "Nginx": invalid reference format: repository name (library/Nginx) must be lowercase',
    });
  });
});

describe('init containers', () => {
  const init = (name: string, script: string, more: object = {}) => ({ ...shell(script), name, ...more });

  it('run one after the other before all others', () => {
    const initContainers = [init('first', 'sleep 3'), init('second', 'sleep 3')];
    lab.create('pods', pod('staged', [{ name: 'app', image: 'nginx' }], { initContainers }));
    lab.seconds(2);
    expect(row('staged')).toEqual(['0/1', 'Init:0/2', '0']);
    expect(condition(lab.get('pods', 'staged'), 'Initialized')).toMatchObject({
      status: 'False',
      reason: 'ContainersNotInitialized',
      message: 'containers with incomplete status: [first second]',
    });
    lab.seconds(3);
    expect(row('staged')).toEqual(['0/1', 'Init:1/2', '0']);
    lab.seconds(4);
    expect(row('staged')).toEqual(['1/1', 'Running', '0']);
  });

  it('end when nothing tells how long they take', () => {
    const initContainers = [{ name: 'prepare', image: 'tool:v1', command: ['/bin/prepare'] }];
    lab.create('pods', pod('staged', [{ name: 'app', image: 'nginx' }], { initContainers }));
    lab.seconds(5);
    expect(row('staged')).toEqual(['1/1', 'Running', '0']);
  });

  it('that fail for good fail the pod', () => {
    const initContainers = [init('first', 'false')];
    lab.create('pods', pod('staged', [shell('true')], { initContainers, restartPolicy: 'Never' }));
    lab.seconds(10);
    expect(lab.get('pods', 'staged').status.phase).toBe('Failed');
    expect(row('staged')).toEqual(['0/1', 'Init:Error', '0']);
  });

  it('that fail are tried again otherwise', () => {
    lab.create('pods', pod('staged', [shell('true')], { initContainers: [init('first', 'false')] }));
    lab.seconds(8);
    expect(row('staged')).toEqual(['0/1', 'Init:CrashLoopBackOff', '1']);
  });

  it('that are side-cars stay until the others end', () => {
    const proxy = { name: 'proxy', image: 'envoy:v1', restartPolicy: 'Always' };
    lab.create(
      'pods',
      pod('meshed', [shell('sleep 10')], { initContainers: [proxy], restartPolicy: 'Never' }),
    );
    lab.seconds(5);
    expect(row('meshed')).toEqual(['2/2', 'Running', '0']);
    lab.seconds(20);
    expect(row('meshed')).toEqual(['0/2', 'Completed', '0']);
  });
});

describe('a cluster without a kubelet', () => {
  it('schedules pods, and leaves them Pending', () => {
    const cluster = createCluster({ kubelet: false, nodes: 1 });
    const user = { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] };
    cluster.request({
      verb: 'create',
      group: '',
      version: 'v1',
      resource: 'pods',
      namespace: 'default',
      user,
      body: pod('web', [{ name: 'web', image: 'nginx:1.27' }]) as JsonObject,
    });
    cluster.advance(600_000);
    const stored = cluster.view.get(pods, 'default', 'web');
    expect(stored?.spec.nodeName).toBe('node01');
    expect(stored?.status?.phase).toBe('Pending');
  });
});
