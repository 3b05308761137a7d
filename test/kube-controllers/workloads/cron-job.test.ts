import { beforeEach, describe, expect, it } from 'vitest';
import { parseSchedule } from '../../../simulator/kube-controllers/workloads/cron-job/schedule.ts';
import { type Lab, type Loose, makeLab } from './fixture.ts';

const next = (schedule: string, after: string, zone?: string) => {
  const at = parseSchedule(schedule, zone).next(Date.parse(after));
  return at === undefined ? undefined : new Date(at).toISOString().replace('.000Z', 'Z');
};

describe('schedules', () => {
  it.each([
    // robfig/cron's own table of next activations.
    ['0/15 * * * *', '2012-07-09T14:45:00Z', '2012-07-09T15:00:00Z'],
    ['0/15 * * * *', '2012-07-09T14:59:00Z', '2012-07-09T15:00:00Z'],
    ['20-35/15 * * * *', '2012-07-09T15:45:00Z', '2012-07-09T16:20:00Z'],
    ['*/15 * * * *', '2012-07-09T23:46:00Z', '2012-07-10T00:00:00Z'],
    ['0 0 9 Apr-Oct ?', '2012-07-09T23:35:00Z', '2012-08-09T00:00:00Z'],
    ['0 0 */5 Apr,Aug,Oct Mon', '2012-07-09T23:35:00Z', '2012-08-01T00:00:00Z'],
    ['0 0 * Feb Mon', '2012-07-09T23:35:00Z', '2013-02-04T00:00:00Z'],
    ['0 0 29 Feb ?', '2012-07-09T23:35:00Z', '2016-02-29T00:00:00Z'],
    ['0 0 30 Feb ?', '2012-07-09T23:35:00Z', undefined],
    ['0 0 31 Apr ?', '2012-07-09T23:35:00Z', undefined],
    // The crontab manual: "at 4:30 on the 1st and 15th of each month, plus every Friday".
    ['30 4 1,15 * 5', '2026-01-01T05:00:00Z', '2026-01-02T04:30:00Z'],
    ['@hourly', '2026-01-01T00:00:00Z', '2026-01-01T01:00:00Z'],
    ['@weekly', '2026-01-01T00:00:00Z', '2026-01-04T00:00:00Z'],
    ['@every 90m', '2026-01-01T00:00:10Z', '2026-01-01T01:30:10Z'],
  ])('%s after %s: %s', (schedule, after, expected) => {
    expect(next(schedule, after)).toBe(expected);
  });

  it.each([
    ['0 0 * * *', '2026-01-01T00:00:00Z', 'Europe/Berlin', '2026-01-01T23:00:00Z'],
    ['0 0 * * *', '2026-07-01T00:00:00Z', 'Europe/Berlin', '2026-07-01T22:00:00Z'],
    ['0 9 * * *', '2026-01-01T00:00:00Z', 'Asia/Shanghai', '2026-01-01T01:00:00Z'],
    // The hour that is skipped in spring does not come.
    ['30 2 * * *', '2026-03-28T12:00:00Z', 'Europe/Berlin', '2026-03-30T00:30:00Z'],
  ])('%s after %s in %s: %s', (schedule, after, zone, expected) => {
    expect(next(schedule, after, zone)).toBe(expected);
  });

  it.each([
    ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
    ['60 * * * *', 'end of range (60) above maximum (59): 60'],
    ['0 0 0 * *', 'beginning of range (0) below minimum (1): 0'],
    ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
    ['*/0 * * * *', 'step of range should be a positive number: */0'],
    ['@never', 'unrecognized descriptor: @never'],
  ])('%s: %s', (schedule, message) => {
    expect(() => parseSchedule(schedule)).toThrow(message);
  });
});

describe('cron jobs', () => {
  const CRON = 'cronjobs.batch';
  let lab: Lab;
  beforeEach(() => {
    lab = makeLab({ startTime: Date.parse('2026-01-01T00:00:29Z') });
  });

  function cron(script: string, spec: object = {}): object {
    const containers = [{ name: 'work', image: 'busybox', command: ['sh', '-c', script] }];
    return {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'tick' },
      spec: {
        schedule: '* * * * *',
        jobTemplate: { spec: { template: { spec: { restartPolicy: 'OnFailure', containers } } } },
        ...spec,
      },
    };
  }

  const jobs = () => lab.list('jobs.batch').map(({ metadata }: Loose) => metadata.name);
  const minute = (count: number) => `tick-${Date.parse('2026-01-01T00:00:00Z') / 60_000 + count}`;

  it('starts a job each minute, named by the minute, and keeps the last three', () => {
    lab.create(CRON, cron('sleep 5'));
    lab.seconds(31);
    expect(jobs()).toEqual([minute(1)]);
    const [job] = lab.list('jobs.batch');
    expect(job.metadata.annotations).toEqual({
      'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T00:01:00Z',
    });
    expect(job.metadata.ownerReferences[0]).toMatchObject({
      kind: 'CronJob',
      name: 'tick',
      controller: true,
    });
    expect(lab.get(CRON, 'tick').status).toMatchObject({
      active: [{ kind: 'Job', name: minute(1) }],
      lastScheduleTime: '2026-01-01T00:01:00Z',
    });
    lab.seconds(20);
    expect(lab.get(CRON, 'tick').status.active).toBeUndefined();
    expect(lab.get(CRON, 'tick').status.lastSuccessfulTime).toMatch(/^2026-01-01T00:01:0\dZ$/);
    expect(lab.events('tick')).toEqual([
      `SuccessfulCreate: Created job ${minute(1)}`,
      `SawCompletedJob: Saw completed job: ${minute(1)}, condition: Complete`,
    ]);
    lab.seconds(300);
    expect(jobs()).toEqual([minute(4), minute(5), minute(6)]);
    expect(lab.refusals).toEqual([]);
  });

  it('Forbid skips while one runs', () => {
    lab.create(CRON, cron('sleep 90', { concurrencyPolicy: 'Forbid' }));
    lab.seconds(95);
    expect(jobs()).toEqual([minute(1)]);
    expect(lab.events('tick')).toContain(
      'JobAlreadyActive: Not starting job because prior execution is running and concurrency policy is Forbid',
    );
  });

  it('Replace takes the one that runs', () => {
    lab.create(CRON, cron('sleep 600', { concurrencyPolicy: 'Replace' }));
    lab.seconds(95);
    expect(jobs()).toEqual([minute(2)]);
  });

  it('Allow lets them run side by side', () => {
    lab.create(CRON, cron('sleep 600'));
    lab.seconds(95);
    expect(jobs()).toEqual([minute(1), minute(2)]);
    expect(lab.get(CRON, 'tick').status.active).toHaveLength(2);
  });

  it('rests while suspended, and starts only the last of the times it missed', () => {
    lab.create(CRON, cron('true', { suspend: true }));
    lab.seconds(600);
    expect(jobs()).toEqual([]);
    lab.patch(CRON, 'tick', { spec: { suspend: false } });
    lab.seconds(5);
    expect(jobs()).toEqual([minute(10)]);
  });
});
