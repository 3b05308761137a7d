import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ScenarioError, parseScenario, scenarioSchema } from '../../scenarios/index.ts';
import { play, scenario } from './build.ts';

function errorOf(text: string): string {
  try {
    parseScenario({ file: 's.yaml', text });
  } catch (error) {
    if (error instanceof ScenarioError) return error.message;
    throw error;
  }
  return 'no error';
}

describe('what is wrong is refused with its place and the nearest right spelling', () => {
  test.each([
    // Steps.
    ['- aply: {}', 's.yaml:7:7: spec.steps[0]: unknown key "aply" (did you mean "apply"?)'],
    [
      '- advance: 5s\n- name: x\n  adance: 1s',
      's.yaml:9:7: spec.steps[1]: unknown key "adance" (did you mean "advance"?)',
    ],
    ['- {}', 's.yaml:7:7: spec.steps[0]: a step needs one of apply, patch'],
    [
      '- advance: 5s\n  say: hello',
      's.yaml:8:7: spec.steps[0]: a step does one thing: this one has advance and say',
    ],
    ['- advance: 5s\n  refused: {}', 's.yaml:8:7: spec.steps[0]: refused says nothing beside advance'],
    ['- 5', 's.yaml:7:7: spec.steps[0]: must be a mapping, not 5'],
    ['- {name: yes, say: x}', 's.yaml:7:14: spec.steps[0].name: must be text, not true'],
    // Durations.
    [
      '- advance: 5',
      's.yaml:7:16: spec.steps[0].advance: must be a duration such as 1h30m, 90s or 500ms, not 5 (did you mean "5s"?)',
    ],
    [
      '- advance: 5 seconds',
      's.yaml:7:16: spec.steps[0].advance: must be a duration such as 1h30m, 90s or 500ms, not "5 seconds"',
    ],
    [
      '- advance: -5s',
      's.yaml:7:16: spec.steps[0].advance: must be a duration such as 1h30m, 90s or 500ms, not "-5s"',
    ],
    // Expectations.
    [
      '- expect: {kind: vm, name: a, pth: .status}',
      's.yaml:7:35: spec.steps[0].expect: unknown key "pth" (did you mean "path"?)',
    ],
    [
      '- expect: {kind: vm, name: a, path: status, equals: 1}',
      's.yaml:7:41: spec.steps[0].expect.path: is no path: JSONPath "status": unexpected "s"; a path starts with a dot',
    ],
    [
      '- expect: {kind: vm, name: a, path: .status}',
      's.yaml:7:41: spec.steps[0].expect.path: says nothing without one of equals, matches, contains, exists',
    ],
    ['- expect: {kind: vm, name: a, equals: 1}', 's.yaml:7:43: spec.steps[0].expect.equals: needs a path'],
    [
      '- expect: {kind: vm, name: a, path: .a, equals: 1, exists: true}',
      's.yaml:7:64: spec.steps[0].expect.exists: give only one of equals and exists',
    ],
    [
      '- expect: {kind: vm, name: a, path: .a, matches: "("}',
      's.yaml:7:54: spec.steps[0].expect.matches: is no regular expression: ',
    ],
    [
      '- expect: {kind: vm, labelSelector: "a in"}',
      's.yaml:7:41: spec.steps[0].expect.labelSelector: is no label selector: ',
    ],
    [
      '- expect: {name: a, exists: true}',
      's.yaml:7:15: spec.steps[0].expect: name the object by one of kind and resource',
    ],
    [
      '- expect: {kind: vm, name: a, event: {type: warning}}',
      's.yaml:7:49: spec.steps[0].expect.event.type: there is no "warning" here (did you mean "Warning"?)',
    ],
    ['- expect: []', 's.yaml:7:15: spec.steps[0].expect: the list is empty'],
    [
      '- until: {kind: vm, name: a, limit: soon}',
      's.yaml:7:41: spec.steps[0].until.limit: must be a duration',
    ],
    // Requests.
    [
      '- patch: {kind: vm, name: a, type: strategy, patch: {}}',
      's.yaml:7:40: spec.steps[0].patch.type: there is no "strategy" here (did you mean "strategic"?)',
    ],
    [
      '- patch: {kind: vm, name: a, type: json, patch: {}}',
      's.yaml:7:53: spec.steps[0].patch.patch: a JSON patch is a list',
    ],
    ['- delete: {kind: vm}', 's.yaml:7:15: spec.steps[0].delete: "name" is missing'],
    ['- start: {nme: a}', 's.yaml:7:15: spec.steps[0].start: unknown key "nme" (did you mean "name"?)'],
    [
      '- start: a\n  refused: {code: 200}',
      's.yaml:8:23: spec.steps[0].refused.code: must be a whole number from 400 to 599, not 200',
    ],
    // Manifests.
    ['- apply: {kind: A}', 's.yaml:7:14: spec.steps[0].apply: "apiVersion" is missing'],
    [
      '- apply: {file: missing.yaml}',
      's.yaml:7:21: spec.steps[0].apply.file: missing.yaml cannot be read: ENOENT',
    ],
    [
      '- apply: nonsense',
      's.yaml:7:14: spec.steps[0].apply: must be an object or {file: NAME}, not "nonsense"',
    ],
    // YAML itself.
    ['- advance: 5s\n  advance: 6s', 's.yaml:8:7: Map keys must be unique'],
    ['- advance: [', 's.yaml:7:17: '],
  ])('%s', (steps, message) => {
    expect(errorOf(scenario(steps))).toContain(message);
  });

  test.each([
    ['{nodse: 3}', 's.yaml:5:13: spec.cluster: unknown key "nodse" (did you mean "nodes"?)'],
    ['{nodes: 0}', 's.yaml:5:20: spec.cluster.nodes: must be a whole number from 1 to 10000, not 0'],
    [
      '{nodes: [{profile: smal-intel}]}',
      's.yaml:5:31: spec.cluster.nodes[0].profile: there is no profile "smal-intel" (did you mean "small-intel"?)',
    ],
    ['{timing: fats}', 's.yaml:5:21: spec.cluster.timing: there is no "fats" here (did you mean "fast"?)'],
    ['{seed: -1}', 's.yaml:5:19: spec.cluster.seed: must be a whole number from 0 to 2147483647, not -1'],
    [
      '{startTime: today}',
      's.yaml:5:24: spec.cluster.startTime: must be a time such as 2026-01-01T00:00:00Z, not "today"',
    ],
  ])('cluster: %s', (cluster, message) => {
    expect(errorOf(scenario('- say: x', cluster))).toBe(message);
  });

  test.each([
    ['', 's.yaml:1:1: there is no scenario in it'],
    ['a: 1\n---\nb: 2', 's.yaml:3:1: a file holds one scenario, this begins another'],
    ['apiVersion: v1', 's.yaml:1:13: apiVersion: there is no "v1" here'],
    ['kind: Scenario', 's.yaml:1:1: "apiVersion" is missing'],
  ])('file %j', (text, message) => {
    expect(errorOf(text)).toContain(message);
  });

  test.each([
    [
      '- expect: {kind: VirtualMashine, absent: true}',
      'test.yaml:7:22: nobody serves the kind "VirtualMashine" (did you mean "VirtualMachine"?)',
    ],
    [
      '- expect: {kind: vm, apiVersion: kubevirt.io/v2, absent: true}',
      '"vm" is not served in "kubevirt.io/v2" (did you mean "kubevirt.io/v1"?)',
    ],
    [
      '- apply: {apiVersion: kubevirt.io/v1, kind: VM, metadata: {name: a}, spec: {}}\n- advance: 1s',
      'the API refuses',
    ],
  ])('only a cluster knows: %s', (steps, message) => {
    if (message === 'the API refuses') {
      expect(play(steps).steps[0]?.failures[0]?.message).toContain(message);
    } else expect(() => play(steps)).toThrow(message);
  });
});

test('schema.json says what the parser reads', () => {
  const file = new URL('../../scenarios/schema.json', import.meta.url);
  // To write it anew: node --import tsx scenarios/write-schema.ts
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(scenarioSchema())));
});
