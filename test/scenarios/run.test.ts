import { describe, expect, test } from 'vitest';
import {
  ScenarioRun,
  combineDigests,
  parseScenario,
  runScenario,
  textReport,
} from '../../scenarios/index.ts';
import { APPLY_VM, play, scenario } from './build.ts';

const RUNNING = `${APPLY_VM}- until: {kind: vm, name: vm1, path: .status.printableStatus, equals: Running, limit: 30s}\n`;

describe('the digest', () => {
  const steps = `${RUNNING}- restart: vm1\n- advance: 10s\n- delete: {kind: vm, name: vm1}\n- advance: 10s`;

  test('the same file and seed give the same one; another seed or another step does not', () => {
    const first = play(steps);
    expect(first.passed).toBe(true);
    expect(first.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(play(steps).digest).toBe(first.digest);
    expect(play(steps, { seed: 2 }).digest).not.toBe(first.digest);
    expect(play(`${steps}\n- apply: {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}`).digest).not.toBe(
      first.digest,
    );
  });

  test('a fork at any step goes on to the same digest, and disturbs nothing', () => {
    const parsed = parseScenario({ file: 'test.yaml', text: scenario(steps) });
    const whole = ScenarioRun.begin(parsed).finish();
    for (let half = 0; half <= parsed.steps.length; half += 1) {
      const run = ScenarioRun.begin(parsed);
      for (let at = 0; at < half; at += 1) run.step();
      const fork = run.fork();
      expect(fork.finish()).toEqual(whole);
      expect(run.finish()).toEqual(whole);
    }
  });

  test('what is only looked at leaves no trace', () => {
    const looking = `${RUNNING}- expect: {kind: vm, name: vm1}\n- say: hello\n- request: {verb: list, kind: vm}`;
    expect(play(looking).digest).toBe(play(RUNNING).digest);
  });

  test('of several scenarios depends on their order', () => {
    expect(combineDigests(['a', 'b'])).not.toBe(combineDigests(['b', 'a']));
  });
});

describe('the cluster', () => {
  test('begins at its start time with its seed, which the caller may override', () => {
    const cluster = '{nodes: 1, seed: 7, startTime: 2030-05-01T10:00:00Z}';
    const result = play('- advance: 90s', { cluster });
    expect(new Date(result.startTime).toISOString()).toBe('2030-05-01T10:00:00.000Z');
    expect(result.endTime - result.startTime).toBe(90_000);
    expect(result.seed).toBe(7);
    expect(play('- advance: 0s', { cluster, seed: 8 }).seed).toBe(8);
  });

  test('has the machines that are described', () => {
    const cluster = '{nodes: [{profile: small-intel, count: 2, namePrefix: rack}, {profile: amd-epyc}]}';
    const steps = '- expect:\n  - {kind: node, count: 3}\n  - {kind: nodes, name: rack02}\n';
    expect(play(steps, { cluster }).passed).toBe(true);
  });
});

describe('steps', () => {
  test('apply says whether it created, changed or left alone', () => {
    const map = (value: string) =>
      `- apply: {apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {key: ${value}}}\n`;
    const { steps } = play(map('one') + map('one') + map('two'));
    expect(steps.map(step => step.detail)).toEqual(['created', 'unchanged', 'configured']);
  });

  test('apply takes what is no longer named away, as kubectl does', () => {
    const result = play(`
- apply: {apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {one: x, two: y}}
- apply: {apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {one: x}}
- expect: {kind: cm, name: a, path: .data, equals: {one: x}}`);
    expect(result.steps.map(step => step.outcome)).toEqual(['passed', 'passed', 'passed']);
  });

  test('apply reads files beside the scenario, with several documents, as kubectl reads them', () => {
    const read: string[] = [];
    const text = scenario(
      '- apply: {file: more/maps.yaml}\n- expect: {kind: cm, name: b, path: .data.a, equals: e1000}',
    );
    const result = runScenario(
      { file: '/somewhere/s.yaml', text },
      {
        readFile: path => {
          read.push(path);
          return 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\ndata:\n  a: e1000\n';
        },
      },
    );
    expect(read).toEqual(['/somewhere/more/maps.yaml']);
    expect(result.passed).toBe(true);
  });

  test('patch, delete and request speak to the API', () => {
    const result = play(`
- apply: {apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {key: one}}
- patch: {kind: cm, name: a, patch: {data: {key: two}}}
- patch: {kind: cm, name: a, type: json, patch: [{op: replace, path: /data/key, value: three}]}
- request: {verb: get, resource: configmaps, name: a}
  answer: {data: {key: three}}
- request: {verb: get, apiVersion: subresources.kubevirt.io/v1, resource: virtualmachines, name: x, subresource: expand-spec}
  refused: {code: 404, reason: NotFound}
- request: {verb: create, kind: cm, body: {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}, options: {dryRun: true}}
- delete: {kind: cm, name: a}
- delete: {kind: cm, name: a}
  refused: {code: 404, reason: NotFound, message: 'configmaps "a" not found'}
- expect: [{kind: cm, name: a, absent: true}, {kind: cm, name: b, absent: true}]`);
    expect(textReport(result)).not.toContain('✗');
  });

  test('virtctl verbs go through the subresources; warnings are heard', () => {
    const result = play(`${RUNNING}
- pause: vm1
- until: {kind: vm, name: vm1, path: .status.printableStatus, equals: Paused, limit: 10s}
- pause: {name: vm1}
  refused: {code: 409, message: {contains: VMI is already paused}}
- unpause: vm1
- until: {kind: vm, name: vm1, path: .status.printableStatus, equals: Running, limit: 10s}
- restart: {name: vm1, gracePeriod: 5}
  refused: {code: 400, message: 'For force restart, only gracePeriod=0 is supported for now'}
- stop: {name: vm1, namespace: default, gracePeriod: 0}
- until: {kind: vm, name: vm1, path: .status.printableStatus, equals: Stopped, limit: 30s}
- patch: {kind: vm, name: vm1, patch: {spec: {runStrategy: null, running: false}}}
  warnings: [{contains: spec.running is deprecated}]
- patch: {kind: vm, name: vm1, patch: {metadata: {labels: {a: b}}}}
  warnings: [another]`);
    const failed = result.steps.filter(step => step.outcome === 'failed');
    expect(failed.map(step => [step.number, step.failures[0]?.message])).toEqual([
      [result.steps.length, 'the API gives other warnings'],
    ]);
  });

  test('until stops at the first moment, or fails when its limit has passed', () => {
    const result = play(
      `${RUNNING}- until: {kind: vm, name: vm1, path: .status.printableStatus, equals: Stopped, limit: 7s}`,
    );
    const [, running, never] = result.steps;
    expect(running && running.end - running.begin).toBeGreaterThan(0);
    expect(never?.outcome).toBe('failed');
    expect(never && never.end - never.begin).toBe(7_000);
    expect(never?.failures[0]).toMatchObject({
      message: 'still not so after 7s: another value at .status.printableStatus',
      expected: 'Stopped',
      actual: 'Running',
    });
  });
});

describe('expectations', () => {
  const object = `- apply: {apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {app: web}, annotations: {x.y/z: w}}, data: {one: "1", two: twice}}\n`;

  test.each([
    ['kind: ConfigMap, name: a'],
    ['resource: configmaps, name: a'],
    ['kind: cm, name: a, path: .data.one, equals: "1"'],
    ['kind: cm, name: a, path: ".metadata.annotations[\'x.y/z\']", equals: w'],
    ['kind: cm, name: a, path: ".data.*", equals: ["1", twice]'],
    ['kind: cm, name: a, path: .data.two, matches: ^tw'],
    ['kind: cm, name: a, path: .data.two, contains: wic'],
    ['kind: cm, name: a, path: .data.three, exists: false'],
    ['kind: cm, name: a, path: .data, matches: {two: twice}'],
    ['kind: cm, name: a, matches: {data: {one: "1"}, kind: ConfigMap}'],
    ['kind: cm, name: b, absent: true'],
    ['kind: cm, labelSelector: app=web, count: 1'],
    ['kind: cm, labelSelector: "app notin (web), app", count: 0'],
    ['kind: cm, labelSelector: app in (web), path: .data.one, equals: "1"'],
    ['kind: vm, apiVersion: kubevirt.io/v1alpha3, absent: true'],
  ])('{%s} holds', expectation => {
    // A brace inside would need quotes.
    const quoted = expectation.replace('app in (web),', '"app in (web)",');
    expect(play(`${object}- expect: {${quoted}}`).steps[1]?.failures).toEqual([]);
  });

  test.each([
    ['kind: cm, name: b', { message: 'there is no such object' }],
    ['kind: cm, name: a, path: .data.one, equals: 1', { expected: 1, actual: '1' }],
    ['kind: cm, name: a, path: .data.three, equals: x', { expected: 'x', actual: undefined }],
    ['kind: cm, name: a, path: .data.two, matches: ^wi', { expected: '/^wi/s', actual: 'twice' }],
    ['kind: cm, name: a, path: .data.two, contains: x', { expected: 'x', actual: 'twice' }],
    ['kind: cm, name: a, path: .data.two, exists: false', { actual: 'twice' }],
    [
      'kind: cm, name: a, matches: {data: {one: x}}',
      { message: 'another value at .data.one', expected: 'x' },
    ],
    ['kind: cm, name: a, absent: true', { expected: 0, actual: ['default/a'] }],
    ['kind: cm, labelSelector: app=web, count: 2', { expected: 2, actual: ['default/a'] }],
    ['kind: cm, name: a, event: {reason: Nothing}', { expected: { reason: 'Nothing' }, actual: [] }],
  ])('{%s} fails', (expectation, failure) => {
    expect(play(`${object}- expect: {${expectation}}`).steps[1]?.failures).toMatchObject([failure]);
  });

  test('events are found by object, reason, type and message', () => {
    const result = play(`${RUNNING}- expect:
  - {kind: vm, name: vm1, event: {type: Normal, reason: SuccessfulCreate, count: 1}}
  - {event: {reason: SuccessfulCreate, message: {contains: virt-launcher}}}
  - {kind: vm, name: vm1, event: {message: {matches: ^Started the virtual machine}}}`);
    expect(textReport(result)).not.toContain('✗');
    expect(
      play(`${RUNNING}- expect: {kind: vm, name: vm1, event: {type: Warning, reason: SuccessfulCreate}}`)
        .passed,
    ).toBe(false);
  });
});

describe('refusals', () => {
  const unknown = '- apply: {apiVersion: v1, kind: ConfigMap, metadata: {name: a}, dta: {}}\n';

  test('an unexpected one fails the step, and what comes after is skipped', () => {
    const { steps, passed } = play(`${unknown}- advance: 1s`);
    expect(passed).toBe(false);
    expect(steps.map(step => step.outcome)).toEqual(['failed', 'skipped']);
    expect(steps[0]?.failures[0]?.message).toContain('.dta: field not declared in schema');
  });

  test('an expected one must come, in the expected words', () => {
    const outcome = (refused: string, step = unknown) => play(`${step}  refused: ${refused}`).steps[0];
    expect(outcome('{message: {contains: field not declared in schema}}')?.outcome).toBe('passed');
    expect(outcome('{code: 409}')?.failures).toMatchObject([{ message: 'the API refuses in other words' }]);
    expect(outcome('{message: {matches: ^nothing}}')?.outcome).toBe('failed');
    const fine = '- apply: {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n';
    expect(outcome('{}', fine)?.failures).toMatchObject([{ message: 'the API does not refuse' }]);
  });
});

test('a failed expectation tells expected, actual, the moment and the last writes with author and cause', () => {
  const result = play(
    `${RUNNING}- name: it should have stopped\n  expect: {kind: vm, name: vm1, path: .status.printableStatus, equals: Stopped}`,
  );
  const [failure] = result.steps[2]?.failures ?? [];
  expect(failure).toMatchObject({ expected: 'Stopped', actual: 'Running', subject: { key: 'default/vm1' } });
  expect(failure?.lastWrites.length).toBeGreaterThan(1);
  const last = failure?.lastWrites.at(-1);
  expect(last).toMatchObject({ author: 'virt-controller', type: 'MODIFIED', key: 'default/vm1' });
  expect(last?.cause).toContain('virt-controller/vm default/vm1');
  expect(last?.changed).toContain('/status/printableStatus');

  const report = textReport(result);
  expect(report).toMatch(/\+\d+ms ✗ it should have stopped\n +in test\.yaml:\d+:7\n/);
  expect(report).toContain(
    'virtualmachines.kubevirt.io default/vm1: another value at .status.printableStatus\n',
  );
  expect(report).toMatch(
    /expected: "Stopped"\n +actual: {3}"Running"\n +moment: {3}\+\d+ms \(2026-01-01T00:00:00Z\), revision \d+\n/,
  );
  expect(report).toMatch(/last writes:\n( +\d+ \+\w+ (ADDED|MODIFIED) by \S+ \(.+\).*\n)+/);
  expect(report).toMatch(/FAILED: 2 passed, 1 failed in \d+ms of virtual time\n$/);
});
