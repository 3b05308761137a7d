import { beforeEach, describe, expect, it } from 'vitest';
import { formatIndexes, parseIndexes } from '../../../simulator/kube-controllers/workloads/job/indexes.ts';
import { type Lab, type Loose, condition, makeLab } from './fixture.ts';

const JOBS = 'jobs.batch';

let lab: Lab;
beforeEach(() => {
  lab = makeLab();
});

function job(name: string, script: string, spec: object = {}, pod: object = {}): object {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: {
      template: {
        spec: {
          restartPolicy: 'Never',
          containers: [{ name: 'work', image: 'busybox:1.36', command: ['sh', '-c', script] }],
          ...pod,
        },
      },
      ...spec,
    },
  };
}

const types = (name: string) =>
  lab
    .get(JOBS, name)
    .status.conditions?.map(({ type, status, reason }: Loose) => `${type}=${status} ${reason}`);

describe('a job that succeeds', () => {
  beforeEach(() => {
    lab.create(JOBS, job('pi', 'sleep 5'));
  });

  it('is active, then complete', () => {
    lab.seconds(3);
    expect(lab.get(JOBS, 'pi').status).toMatchObject({
      active: 1,
      ready: 1,
      terminating: 0,
      uncountedTerminatedPods: {},
    });
    lab.seconds(10);
    const { status } = lab.get(JOBS, 'pi');
    expect(status).toMatchObject({ succeeded: 1, ready: 0, terminating: 0, uncountedTerminatedPods: {} });
    expect(status.active).toBeUndefined();
    expect(Date.parse(status.completionTime) - Date.parse(status.startTime)).toBeGreaterThanOrEqual(5_000);
    expect(types('pi')).toEqual([
      'SuccessCriteriaMet=True CompletionsReached',
      'Complete=True CompletionsReached',
    ]);
    expect(condition(lab.get(JOBS, 'pi'), 'Complete').message).toBe(
      'Reached expected number of succeeded pods',
    );
  });

  it('leaves its pod behind, without the finalizer that held it', () => {
    lab.seconds(15);
    const [pod] = lab.list('pods');
    expect(pod.metadata.name).toMatch(/^pi-[a-z0-9]{5}$/);
    expect(pod.metadata.finalizers).toBeUndefined();
    expect(pod.metadata.labels).toMatchObject({ 'job-name': 'pi', 'batch.kubernetes.io/job-name': 'pi' });
    expect(lab.events('pi')).toEqual([
      `SuccessfulCreate: Created pod: ${pod.metadata.name}`,
      'Completed: Job completed',
    ]);
  });

  it('takes its pods with it when it is deleted while they run', () => {
    lab.seconds(3);
    lab.remove(JOBS, 'pi', { propagationPolicy: 'Background' });
    lab.seconds(120);
    expect(lab.list('pods')).toEqual([]);
  });
});

describe('completions and parallelism', () => {
  it('never runs more than so many at once', () => {
    let most = 0;
    lab.cluster.onCommit(({ resource }) => {
      if (resource === JOBS) most = Math.max(most, lab.get(JOBS, 'many')?.status?.active ?? 0);
    });
    lab.create(JOBS, job('many', 'sleep 3', { completions: 5, parallelism: 2 }));
    lab.seconds(60);
    expect(most).toBe(2);
    expect(lab.get(JOBS, 'many').status.succeeded).toBe(5);
    expect(lab.list('pods')).toHaveLength(5);
  });

  it('gives each pod of an indexed job its index', () => {
    lab.create(JOBS, job('each', 'sleep 1', { completions: 4, parallelism: 3, completionMode: 'Indexed' }));
    lab.seconds(60);
    expect(lab.get(JOBS, 'each').status).toMatchObject({ succeeded: 4, completedIndexes: '0-3' });
    const pods = lab.list('pods').sort((a, b) => (a.spec.hostname < b.spec.hostname ? -1 : 1));
    expect(pods.map(pod => pod.spec.hostname)).toEqual(['each-0', 'each-1', 'each-2', 'each-3']);
    expect(pods[2].metadata.annotations).toEqual({ 'batch.kubernetes.io/job-completion-index': '2' });
    expect(pods[2].metadata.name).toMatch(/^each-2-[a-z0-9]{5}$/);
  });
});

describe('a job that fails', () => {
  it('tries again after 10 s, then twice as long, until its limit', () => {
    lab.create(JOBS, job('bad', 'exit 1', { backoffLimit: 2 }));
    lab.seconds(9);
    expect(lab.list('pods')).toHaveLength(1);
    lab.seconds(6);
    expect(lab.list('pods')).toHaveLength(2);
    lab.seconds(12);
    expect(lab.list('pods')).toHaveLength(2);
    lab.seconds(30);
    expect(lab.list('pods')).toHaveLength(3);
    expect(types('bad')).toEqual([
      'FailureTarget=True BackoffLimitExceeded',
      'Failed=True BackoffLimitExceeded',
    ]);
    expect(condition(lab.get(JOBS, 'bad'), 'Failed').message).toBe(
      'Job has reached the specified backoff limit',
    );
    expect(lab.get(JOBS, 'bad').status.failed).toBe(3);
    expect(lab.events('bad').at(-1)).toBe(
      'BackoffLimitExceeded: Job has reached the specified backoff limit',
    );
  });

  it('counts restarts where its pods restart', () => {
    lab.create(JOBS, job('bad', 'exit 1', { backoffLimit: 1 }, { restartPolicy: 'OnFailure' }));
    lab.seconds(60);
    expect(types('bad')).toContain('Failed=True BackoffLimitExceeded');
    expect(lab.list('pods')).toEqual([]);
  });

  it('fails when it is active too long, and stops its pods', () => {
    lab.create(JOBS, job('slow', 'sleep 1000', { activeDeadlineSeconds: 20 }));
    lab.seconds(90);
    expect(types('slow')).toEqual(['FailureTarget=True DeadlineExceeded', 'Failed=True DeadlineExceeded']);
    expect(condition(lab.get(JOBS, 'slow'), 'Failed').message).toBe(
      'Job was active longer than specified deadline',
    );
    expect(lab.list('pods')).toEqual([]);
  });

  it('fails at once for an exit code that its policy names', () => {
    const onExitCodes = { operator: 'In', values: [42] };
    const podFailurePolicy = { rules: [{ action: 'FailJob', onExitCodes }] };
    lab.create(JOBS, job('fatal', 'exit 42', { podFailurePolicy }));
    lab.seconds(20);
    const [pod] = lab.list('pods');
    expect(condition(lab.get(JOBS, 'fatal'), 'Failed')).toMatchObject({
      reason: 'PodFailurePolicy',
      message: `Container work for pod default/${pod.metadata.name} failed with exit code 42 matching FailJob rule at index 0`,
    });
  });

  it('replaces a pod that somebody deletes', () => {
    lab.create(JOBS, job('work', 'sleep 20'));
    lab.seconds(3);
    lab.remove('pods', lab.list('pods')[0].metadata.name);
    lab.seconds(60);
    expect(lab.get(JOBS, 'work').status).toMatchObject({ succeeded: 1, failed: 1 });
    expect(lab.list('pods')).toHaveLength(1);
  });
});

describe('suspension and expiry', () => {
  it('starts when it is resumed', () => {
    lab.create(JOBS, job('later', 'sleep 2', { suspend: true }));
    lab.seconds(10);
    expect(lab.list('pods')).toEqual([]);
    expect(types('later')).toEqual(['Suspended=True JobSuspended']);
    lab.patch(JOBS, 'later', { spec: { suspend: false } });
    lab.seconds(10);
    expect(types('later')).toEqual([
      'Suspended=False JobResumed',
      'SuccessCriteriaMet=True CompletionsReached',
      'Complete=True CompletionsReached',
    ]);
    expect(lab.events('later').slice(0, 2)).toEqual(['Suspended: Job suspended', 'Resumed: Job resumed']);
  });

  it('goes with its pods when its time is up', () => {
    lab.create(JOBS, job('brief', 'true', { ttlSecondsAfterFinished: 30 }));
    lab.seconds(20);
    expect(lab.get(JOBS, 'brief')).toBeDefined();
    lab.seconds(30);
    expect(lab.get(JOBS, 'brief')).toBeUndefined();
    expect(lab.list('pods')).toEqual([]);
  });
});

describe('completed indexes', () => {
  it.each([
    [[], ''],
    [[0], '0'],
    [[0, 1], '0,1'],
    [[0, 1, 2], '0-2'],
    [[5, 1, 3, 4], '1,3-5'],
  ])('%j is %j', (indexes, text) => {
    expect(formatIndexes(new Set(indexes))).toBe(text);
    expect(parseIndexes(text)).toEqual(new Set(indexes));
  });
});
