import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../simulator/types/meta.ts';
import { type Answer, Client, definition } from '../custom-resources/fixture.ts';

const GROUP = { group: 'admissionregistration.k8s.io', version: 'v1' } as const;
const DEPLOYMENTS = {
  apiGroups: ['apps'],
  apiVersions: ['v1'],
  operations: ['CREATE', 'UPDATE'],
  resources: ['deployments'],
};

function put(client: Client, resource: string, kind: string, name: string, spec: object): Answer {
  const body = { apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name }, spec };
  return client.ask({ ...GROUP, resource, verb: 'create', body: body as unknown as JsonObject });
}

const policy = (client: Client, spec: object) =>
  put(client, 'validatingadmissionpolicies', 'ValidatingAdmissionPolicy', 'p', {
    matchConstraints: { resourceRules: [DEPLOYMENTS] },
    ...spec,
  });
const binding = (client: Client, spec: object = {}) =>
  put(client, 'validatingadmissionpolicybindings', 'ValidatingAdmissionPolicyBinding', 'b', {
    policyName: 'p',
    validationActions: ['Deny'],
    ...spec,
  });

/** A client with one policy and its binding. */
function guarded(spec: object, bindingSpec: object = {}): Client {
  const client = new Client();
  expect(policy(client, spec).causes).toEqual([]);
  expect(binding(client, bindingSpec).causes).toEqual([]);
  return client;
}

function deploy(
  client: Client,
  replicas: number,
  more: { namespace?: string; labels?: object } = {},
): Answer {
  const { namespace = 'default', labels = {} } = more;
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const body = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd', labels },
    spec: { replicas, selector: { matchLabels: { a: 'b' } }, template },
  } as unknown as JsonObject;
  return client.ask({
    group: 'apps',
    version: 'v1',
    resource: 'deployments',
    namespace,
    verb: 'create',
    body,
  });
}

const denied = (message: string) =>
  `deployments.apps "d" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: ${message}`;

describe('what a policy says', () => {
  test.each<[string, object, string]>([
    [
      'its expression',
      { expression: 'object.spec.replicas <= 5' },
      'failed expression: object.spec.replicas <= 5',
    ],
    ['its message', { expression: 'object.spec.replicas <= 5', message: ' too many ' }, 'too many'],
    [
      'what its message expression gives',
      {
        expression: 'object.spec.replicas <= 5',
        messageExpression: "'at most 5, not ' + string(object.spec.replicas)",
      },
      'at most 5, not 7',
    ],
    [
      'why it could not be evaluated',
      { expression: 'object.spec.nope == 1' },
      "expression 'object.spec.nope == 1' resulted in error: no such key: nope",
    ],
  ])('%s', (_what, validation, message) => {
    const client = guarded({ validations: [validation] });
    expect(deploy(client, 7)).toMatchObject({ code: 422, message: denied(message) });
  });

  test('with the code of its reason', () => {
    const client = guarded({ validations: [{ expression: 'false', message: 'no', reason: 'Forbidden' }] });
    expect(deploy(client, 1)).toMatchObject({ code: 403, message: denied('no') });
  });

  test('as a warning', () => {
    const client = guarded(
      { validations: [{ expression: 'false', message: 'no' }] },
      { validationActions: ['Warn', 'Audit'] },
    );
    const { code, warnings } = deploy(client, 1);
    expect(code).toBe(201);
    expect(warnings).toContain("Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': no");
  });

  test('nothing without a binding, and nothing when it fails and may', () => {
    const unbound = new Client();
    policy(unbound, { validations: [{ expression: 'false' }] });
    expect(deploy(unbound, 1).code).toBe(201);
    expect(
      deploy(guarded({ failurePolicy: 'Ignore', validations: [{ expression: 'object.nope' }] }), 1).code,
    ).toBe(201);
  });
});

describe('whom it looks at', () => {
  const never = { validations: [{ expression: 'false' }] };
  test.each<[string, object, number]>([
    [
      'the wanted label',
      { matchConstraints: { resourceRules: [DEPLOYMENTS], objectSelector: { matchLabels: { x: 'y' } } } },
      422,
    ],
    [
      'another label',
      { matchConstraints: { resourceRules: [DEPLOYMENTS], objectSelector: { matchLabels: { x: 'z' } } } },
      201,
    ],
    [
      'an excluded resource',
      { matchConstraints: { resourceRules: [DEPLOYMENTS], excludeResourceRules: [DEPLOYMENTS] } },
      201,
    ],
    [
      'another operation',
      { matchConstraints: { resourceRules: [{ ...DEPLOYMENTS, operations: ['UPDATE'] }] } },
      201,
    ],
    [
      'everything',
      {
        matchConstraints: {
          resourceRules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'] }],
        },
      },
      422,
    ],
    [
      'a namespace by its name',
      {
        matchConstraints: {
          resourceRules: [DEPLOYMENTS],
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'default' } },
        },
      },
      422,
    ],
    [
      'a condition that holds',
      { matchConditions: [{ name: 'x', expression: "request.operation == 'CREATE'" }] },
      422,
    ],
    [
      'a condition that does not',
      { matchConditions: [{ name: 'x', expression: "request.userInfo.username == 'bob'" }] },
      201,
    ],
  ])('%s', (_what, spec, code) => {
    expect(deploy(guarded({ ...never, ...spec }), 1, { labels: { x: 'y' } }).code).toBe(code);
  });

  test('components of the cluster keep working', () => {
    const everything = {
      resourceRules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*', '*/*'] }],
    };
    const client = guarded({ matchConstraints: everything, ...never });
    expect(() => client.cluster.advance(60_000)).not.toThrow();
  });
});

test('variables see those above them', () => {
  const client = guarded({
    variables: [
      { name: 'replicas', expression: 'object.spec.replicas' },
      { name: 'doubled', expression: 'variables.replicas * 2' },
    ],
    validations: [
      { expression: 'variables.doubled <= 10', messageExpression: "'doubled: ' + string(variables.doubled)" },
    ],
  });
  expect(deploy(client, 5).code).toBe(201);
  expect(deploy(client, 6).message).toBe(denied('doubled: 12'));
});

describe('parameters', () => {
  const limited = {
    paramKind: { apiVersion: 'stable.example.com/v1', kind: 'CronTab' },
    validations: [
      {
        expression: 'params == null || object.spec.replicas <= params.spec.replicas',
        message: 'over the limit',
      },
    ],
  };
  const reference = { paramRef: { name: 'a', parameterNotFoundAction: 'Deny' } };

  test('are objects of any kind', () => {
    const client = guarded(limited, reference);
    client.define(definition());
    client.create({ spec: { replicas: 3 } });
    expect(deploy(client, 4).message).toBe(denied('over the limit'));
    expect(deploy(client, 3).code).toBe(201);
  });

  test('may have to be there', () => {
    const client = guarded(limited, reference);
    expect(deploy(client, 1).message).toBe(
      denied(
        "failed to configure binding: failed to find resource referenced by paramKind: 'stable.example.com/v1, Kind=CronTab'",
      ),
    );
    client.define(definition());
    expect(deploy(client, 1).message).toBe(
      denied(
        'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction',
      ),
    );
  });

  test('or not', () => {
    const client = guarded(limited, { paramRef: { name: 'a', parameterNotFoundAction: 'Allow' } });
    client.define(definition());
    expect(deploy(client, 99).code).toBe(201);
  });
});

describe('what a policy and a binding may say', () => {
  test.each<[object, string[]]>([
    [
      { validations: [{ expression: 'object.spec.replicas <=' }] },
      [
        `spec.validations[0].expression: Invalid value: "object.spec.replicas <=": compilation failed: ERROR: <input>:1:24: Syntax error: mismatched input '<EOF>' expecting an expression\n | object.spec.replicas <=\n | .......................^`,
      ],
    ],
    [
      { validations: [{ expression: '1' }] },
      ['spec.validations[0].expression: Invalid value: "1": must evaluate to bool'],
    ],
    [
      { validations: [{ expression: 'variables.x' }] },
      [
        `spec.validations[0].expression: Invalid value: "variables.x": compilation failed: ERROR: <input>:1:10: undefined field 'x'\n | variables.x\n | .........^`,
      ],
    ],
    [
      { validations: [{ expression: 'params.x == 1' }] },
      [
        `spec.validations[0].expression: Invalid value: "params.x == 1": compilation failed: ERROR: <input>:1:1: undeclared reference to 'params' (in container '')\n | params.x == 1\n | ^`,
      ],
    ],
    [
      { validations: [{ expression: 'true', reason: 'Nope' }] },
      [
        'spec.validations[0].reason: Unsupported value: "Nope": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized"',
      ],
    ],
  ])('%j', (spec, causes) => {
    expect(policy(new Client(), spec).causes).toEqual(causes);
  });

  test('a binding names its policy and what to do', () => {
    expect(binding(new Client(), { policyName: '', validationActions: [] }).causes).toEqual([
      'spec.policyName: Required value',
      'spec.validationActions: Required value',
    ]);
  });
});
