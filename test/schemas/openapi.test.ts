import { describe, expect, it } from 'vitest';
import {
  builtinKinds,
  builtinRegistry,
  crdSchema,
  defineSchemas,
  openApiV3Document,
  type ResourceDescription,
  schemaFor,
  withSchema,
} from '../../simulator/schemas/index.ts';

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const resource = (kind: string, plural: string): ResourceDescription => ({
  kind,
  plural,
  namespaced: true,
  verbs,
  subresources: [{ name: 'status', kind, verbs: ['get', 'patch', 'update'] }],
});

/** Follows a path of keys through the document. */
function dig(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], value);
}

describe('built-in groups', () => {
  const document = openApiV3Document({
    group: 'apps',
    version: 'v1',
    resources: [
      {
        ...resource('Deployment', 'deployments'),
        subresources: [
          {
            name: 'scale',
            kind: 'Scale',
            group: 'autoscaling',
            version: 'v1',
            verbs: ['get', 'patch', 'update'],
          },
        ],
      },
    ],
  });
  const schema = (name: string): unknown => dig(document, 'components', 'schemas', name);

  it('finds models by an array of group, version and kind', () => {
    expect(dig(schema('io.k8s.api.apps.v1.Deployment'), 'x-kubernetes-group-version-kind')).toEqual([
      { group: 'apps', kind: 'Deployment', version: 'v1' },
    ]);
    expect(dig(schema('io.k8s.api.apps.v1.DeploymentList'), 'x-kubernetes-group-version-kind')).toEqual([
      { group: 'apps', kind: 'DeploymentList', version: 'v1' },
    ]);
    expect(schema('io.k8s.api.autoscaling.v1.Scale')).toBeDefined();
  });

  it('has every operation with its kind as one object, and what feature detection looks for', () => {
    const item = dig(document, 'paths', '/apis/apps/v1/namespaces/{namespace}/deployments/{name}');
    for (const [method, action] of [
      ['get', 'get'],
      ['put', 'put'],
      ['patch', 'patch'],
      ['delete', 'delete'],
    ]) {
      expect(dig(item, method!, 'x-kubernetes-action')).toBe(action);
      expect(dig(item, method!, 'x-kubernetes-group-version-kind')).toEqual({
        group: 'apps',
        version: 'v1',
        kind: 'Deployment',
      });
    }
    const names = (dig(item, 'patch', 'parameters') as { name: string }[]).map(parameter => parameter.name);
    expect(names).toEqual(expect.arrayContaining(['dryRun', 'fieldManager', 'fieldValidation', 'force']));
    const collection = dig(document, 'paths', '/apis/apps/v1/namespaces/{namespace}/deployments');
    expect(dig(collection, 'post', 'x-kubernetes-action')).toBe('post');
    expect(dig(collection, 'get', 'x-kubernetes-action')).toBe('list');
    expect(dig(collection, 'delete', 'x-kubernetes-action')).toBe('deletecollection');
    expect(dig(document, 'paths', '/apis/apps/v1/deployments', 'get')).toBeDefined();
    expect(
      dig(
        document,
        'paths',
        '/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale',
        'patch',
        'x-kubernetes-group-version-kind',
      ),
    ).toEqual({ group: 'autoscaling', version: 'v1', kind: 'Scale' });
  });

  it('carries patch meta, wrapped references and documentation', () => {
    const container = schema('io.k8s.api.core.v1.Container');
    expect(dig(container, 'properties', 'ports')).toMatchObject({
      type: 'array',
      items: { $ref: '#/components/schemas/io.k8s.api.core.v1.ContainerPort' },
      'x-kubernetes-patch-strategy': 'merge',
      'x-kubernetes-patch-merge-key': 'containerPort',
      'x-kubernetes-list-map-keys': ['containerPort', 'protocol'],
    });
    expect(dig(schema('io.k8s.api.apps.v1.Deployment'), 'properties', 'metadata', 'allOf')).toEqual([
      { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' },
    ]);
    expect(dig(container, 'properties', 'image', 'description')).toMatch(/^Container image name/);
  });

  it('serves the core group under /api', () => {
    const core = openApiV3Document({ group: '', version: 'v1', resources: [resource('Pod', 'pods')] });
    expect(dig(core, 'paths', '/api/v1/namespaces/{namespace}/pods/{name}', 'get')).toBeDefined();
  });
});

describe('custom groups', () => {
  const document = openApiV3Document({
    group: 'kubevirt.io',
    version: 'v1',
    resources: [resource('VirtualMachine', 'virtualmachines')],
  });
  const vm = dig(document, 'components', 'schemas', 'io.kubevirt.v1.VirtualMachine');

  it('publishes a kind in one piece under the reversed group', () => {
    expect(dig(vm, 'x-kubernetes-group-version-kind')).toEqual([
      { group: 'kubevirt.io', kind: 'VirtualMachine', version: 'v1' },
    ]);
    expect(dig(vm, 'properties', 'metadata', 'allOf')).toEqual([
      { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' },
    ]);
    const domain = dig(
      vm,
      'properties',
      'spec',
      'properties',
      'template',
      'properties',
      'spec',
      'properties',
      'domain',
    );
    expect(dig(domain, 'properties', 'memory', 'properties', 'guest')).toMatchObject({
      anyOf: [{ type: 'integer' }, { type: 'string' }],
      'x-kubernetes-int-or-string': true,
    });
    expect(dig(vm, 'properties', 'spec', 'description')).toMatch(/^VirtualMachineSpec describes/);
    expect(JSON.stringify(vm).match(/\$ref/g)).toHaveLength(1);
  });

  it('offers no strategic merge patch', () => {
    const patch = dig(
      document,
      'paths',
      '/apis/kubevirt.io/v1/namespaces/{namespace}/virtualmachines/{name}',
      'patch',
    );
    expect(Object.keys(dig(patch, 'requestBody', 'content') as object)).toEqual([
      'application/apply-patch+yaml',
      'application/json-patch+json',
      'application/merge-patch+json',
    ]);
  });

  it('publishes kinds that are registered at run time', () => {
    const schema = crdSchema({
      type: 'object',
      properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } },
    });
    const gvk = { group: 'stable.example.com', version: 'v1', kind: 'CronTab' };
    const registry = withSchema(builtinRegistry, gvk, schema);
    expect(schemaFor(gvk.group, gvk.version, gvk.kind)).toBeUndefined();
    expect(schemaFor(gvk.group, gvk.version, gvk.kind, registry)).toBe(schema);
    const own = openApiV3Document({ ...gvk, resources: [resource('CronTab', 'crontabs')], registry });
    expect(
      dig(
        own,
        'components',
        'schemas',
        'com.example.stable.v1.CronTab',
        'properties',
        'spec',
        'properties',
        'size',
      ),
    ).toEqual({ type: 'integer' });
  });

  it('takes tables in the field notation', () => {
    const schemas = defineSchemas(
      {
        Clock: { '*': '... # The clock.', spec: 'ClockSpec ! # Settings.' },
        ClockSpec: { speed: 'number ! min:0 # How fast.', marks: '[]Mark list:map(name)' },
        Mark: { name: 'string !' },
      },
      ['Clock'],
    );
    expect(schemas.get('Clock')).toMatchObject({
      description: 'The clock.',
      required: ['spec'],
      properties: {
        metadata: { $ref: 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' },
        spec: {
          required: ['speed'],
          properties: {
            speed: { type: 'number', minimum: 0 },
            marks: { items: { required: ['name'] }, 'x-kubernetes-list-map-keys': ['name'] },
          },
        },
      },
    });
    expect(() => defineSchemas({ A: { x: 'string sometimes' } }, ['A'])).toThrow('unknown flag "sometimes"');
    expect(() => defineSchemas({ A: { x: 'A' } }, ['A'])).toThrow('definition A contains itself');
  });
});

it('no document of any group has a reference that leads nowhere', () => {
  const groups = kindsByGroup();
  for (const [key, kinds] of groups) {
    const [group, version] = key.split('/') as [string, string];
    const resources = kinds.map(({ kind }) => resource(kind, `${kind.toLowerCase()}s`));
    const document = openApiV3Document({ group, version, resources });
    const known = new Set(Object.keys(dig(document, 'components', 'schemas') as object));
    for (const [, name] of JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      expect(known.has(name!), `${key}: ${name}`).toBe(true);
    }
  }
});

function kindsByGroup(): Map<string, ReturnType<typeof builtinKinds>[number][]> {
  const groups = new Map<string, ReturnType<typeof builtinKinds>[number][]>();
  for (const kind of builtinKinds()) {
    const key = `${kind.group}/${kind.version}`;
    groups.set(key, [...(groups.get(key) ?? []), kind]);
  }
  return groups;
}
