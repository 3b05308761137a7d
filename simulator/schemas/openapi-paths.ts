/** `paths` of an OpenAPI v3 document: what kubectl asks for explain, dry run and field validation. */
import type { JsonObject, JsonValue } from '../types/meta.ts';
import type { ResourceDescription, SubresourceDescription } from './openapi.ts';

type NameOf = (group: string, version: string, kind: string) => string | undefined;

type Parameter = readonly [name: string, type: 'string' | 'integer' | 'boolean', description: string];

const dryRun: Parameter = ['dryRun', 'string', 'All: go through everything but do not store the result.'];
const fieldManager: Parameter = ['fieldManager', 'string', 'Name of the actor that makes the change.'];
const fieldValidation: Parameter = [
  'fieldValidation',
  'string',
  'What to do about unknown or duplicate fields: Ignore, Warn or Strict.',
];
const force: Parameter = [
  'force',
  'boolean',
  'Take over fields that other managers own. For apply patches only.',
];
const pretty: Parameter = ['pretty', 'string', 'Print the output for people.'];
const listParameters: readonly Parameter[] = [
  ['allowWatchBookmarks', 'boolean', 'Ask for bookmark events.'],
  ['continue', 'string', 'Where an earlier, limited list ended.'],
  ['fieldSelector', 'string', 'Restricts the objects by their fields.'],
  ['labelSelector', 'string', 'Restricts the objects by their labels.'],
  ['limit', 'integer', 'Greatest number of objects in the answer.'],
  ['resourceVersion', 'string', 'Oldest or exact resource version of the answer.'],
  ['resourceVersionMatch', 'string', 'How resourceVersion is meant: NotOlderThan or Exact.'],
  ['sendInitialEvents', 'boolean', 'Begin a watch with the objects there are.'],
  ['timeoutSeconds', 'integer', 'Greatest length of the call.'],
  ['watch', 'boolean', 'Stream changes instead of returning a list.'],
];
const deleteParameters: readonly Parameter[] = [
  dryRun,
  ['gracePeriodSeconds', 'integer', 'Seconds before the object is deleted.'],
  ['ignoreStoreReadErrorWithClusterBreakingPotential', 'boolean', 'Delete even what cannot be read.'],
  ['orphanDependents', 'boolean', 'Deprecated: use propagationPolicy.'],
  ['propagationPolicy', 'string', 'What happens to dependents: Orphan, Background or Foreground.'],
];
const write = [dryRun, fieldManager, fieldValidation];
const deleteOptions = 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions';
const statusName = 'io.k8s.apimachinery.pkg.apis.meta.v1.Status';
const patchName = 'io.k8s.apimachinery.pkg.apis.meta.v1.Patch';

const customPatchTypes = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
];
const patchTypes = [...customPatchTypes, 'application/strategic-merge-patch+json'];

interface Gvk {
  group: string;
  version: string;
  kind: string;
}

/** Paths of one resource and its subresources. */
export function resourcePaths(
  group: string,
  version: string,
  resource: ResourceDescription,
  nameOf: NameOf,
): Record<string, JsonValue> {
  const prefix = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const builder = new PathBuilder(group, version, resource, nameOf);
  const base = `${prefix}${resource.namespaced ? '/namespaces/{namespace}' : ''}/${resource.plural}`;
  const paths: Record<string, JsonValue> = {};
  put(paths, base, builder.collection());
  put(paths, `${base}/{name}`, builder.item());
  if (resource.namespaced && resource.verbs.includes('list')) {
    put(paths, `${prefix}/${resource.plural}`, builder.everywhere());
  }
  for (const subresource of resource.subresources ?? []) {
    put(paths, `${base}/{name}/${subresource.name}`, builder.subresource(subresource));
  }
  return paths;
}

function put(paths: Record<string, JsonValue>, path: string, operations: JsonObject): void {
  if (Object.keys(operations).some(key => key !== 'parameters')) paths[path] = operations;
}

class PathBuilder {
  readonly #gvk: Gvk;
  readonly #resource: ResourceDescription;
  readonly #nameOf: NameOf;
  readonly #tag: string;

  constructor(group: string, version: string, resource: ResourceDescription, nameOf: NameOf) {
    this.#gvk = { group, version, kind: resource.kind };
    this.#resource = resource;
    this.#nameOf = nameOf;
    const groupTag =
      group === ''
        ? 'core'
        : group
            .replace(/\.k8s\.io$/, '')
            .replace(/[^a-zA-Z0-9]+(.)?/g, (_, letter: string) => (letter ?? '').toUpperCase());
    this.#tag = `${groupTag}_${version}`;
  }

  collection(): JsonObject {
    const { verbs, namespaced } = this.#resource;
    const operations: Record<string, JsonValue> = {};
    if (verbs.includes('list')) operations.get = this.#list(namespaced ? 'Namespaced' : '');
    if (verbs.includes('create'))
      operations.post = this.#operation('post', 'create', this.#gvk, write, '', true);
    if (verbs.includes('deletecollection')) {
      const parameters = [
        ...deleteParameters,
        ...listParameters.filter(([name]) => !/^watch$|Bookmarks/.test(name)),
      ];
      operations.delete = this.#operation(
        'deletecollection',
        'deletecollection',
        this.#gvk,
        parameters,
        'Collection',
      );
    }
    return this.#withPath(operations, namespaced, false);
  }

  everywhere(): JsonObject {
    return this.#withPath({ get: this.#list('', 'ForAllNamespaces') }, false, false);
  }

  item(): JsonObject {
    return this.#withPath(this.#single(this.#resource.verbs, this.#gvk, ''), this.#resource.namespaced, true);
  }

  subresource(subresource: SubresourceDescription): JsonObject {
    const gvk = {
      group: subresource.group ?? this.#gvk.group,
      version: subresource.version ?? this.#gvk.version,
      kind: subresource.kind,
    };
    const suffix = capital(subresource.name.replace(/\/.*$/, ''));
    const operations = this.#single(subresource.verbs, gvk, suffix);
    if (subresource.verbs.includes('create'))
      operations.post = this.#operation('post', 'create', gvk, write, suffix, true);
    return this.#withPath(operations, this.#resource.namespaced, true);
  }

  #single(verbs: readonly string[], gvk: Gvk, suffix: string): Record<string, JsonValue> {
    const operations: Record<string, JsonValue> = {};
    if (verbs.includes('get')) operations.get = this.#operation('get', 'read', gvk, [], suffix);
    if (verbs.includes('update'))
      operations.put = this.#operation('put', 'replace', gvk, write, suffix, true);
    if (verbs.includes('patch'))
      operations.patch = this.#operation('patch', 'patch', gvk, [...write, force], suffix, true);
    if (verbs.includes('delete'))
      operations.delete = this.#operation('delete', 'delete', gvk, deleteParameters, suffix, true);
    return operations;
  }

  #list(scope: string, suffix = ''): JsonObject {
    const { group, version } = this.#gvk;
    const listKind = this.#resource.listKind ?? `${this.#resource.kind}List`;
    return {
      tags: [this.#tag],
      description: `list objects of kind ${this.#resource.kind}`,
      operationId: `list${capital(this.#tag).replace('_', '')}${scope}${this.#resource.kind}${suffix}`,
      parameters: parameters(listParameters),
      responses: {
        '200': response('OK', this.#nameOf(group, version, listKind)),
        '401': { description: 'Unauthorized' },
      },
      'x-kubernetes-action': 'list',
      'x-kubernetes-group-version-kind': { ...this.#gvk },
    };
  }

  #operation(
    action: string,
    verb: string,
    gvk: Gvk,
    extra: readonly Parameter[],
    suffix: string,
    body = false,
  ): JsonObject {
    const name = this.#nameOf(gvk.group, gvk.version, gvk.kind);
    const scope = this.#resource.namespaced ? 'Namespaced' : '';
    const answer = action.startsWith('delete') ? statusName : name;
    const responses: Record<string, JsonValue> = { '200': response('OK', answer) };
    if (action === 'post' || action === 'put' || action === 'patch')
      responses['201'] = response('Created', answer);
    if (action === 'post' || action === 'delete') responses['202'] = response('Accepted', answer);
    responses['401'] = { description: 'Unauthorized' };
    const operation: Record<string, JsonValue> = {
      tags: [this.#tag],
      description: `${verb} ${suffix ? `${suffix.toLowerCase()} of ` : ''}${this.#resource.kind}`,
      operationId: `${verb}${capital(this.#tag).replace('_', '')}${scope}${this.#resource.kind}${suffix}`,
      parameters: parameters(extra),
    };
    if (body) operation.requestBody = requestBody(action, name);
    return {
      ...operation,
      responses,
      'x-kubernetes-action': action,
      'x-kubernetes-group-version-kind': { ...gvk },
    };
  }

  #withPath(operations: Record<string, JsonValue>, namespaced: boolean, named: boolean): JsonObject {
    const inPath = (name: string, description: string): JsonObject => ({
      name,
      in: 'path',
      description,
      required: true,
      schema: { type: 'string', uniqueItems: true },
    });
    const common: JsonValue[] = [];
    if (named) common.push(inPath('name', `name of the ${this.#resource.kind}`));
    if (namespaced) common.push(inPath('namespace', 'namespace of the object'));
    return { ...operations, parameters: [...common, ...parameters([pretty])] };
  }
}

function requestBody(action: string, name: string | undefined): JsonObject {
  if (action === 'patch') {
    const schema = { $ref: `#/components/schemas/${patchName}` };
    // Custom resources know no strategic merge patch.
    const types =
      name?.startsWith('io.k8s.api') || name?.startsWith('io.k8s.kube') ? patchTypes : customPatchTypes;
    return { content: Object.fromEntries(types.map(type => [type, { schema }])), required: true };
  }
  const component = action === 'delete' ? deleteOptions : name;
  const schema: JsonObject =
    component === undefined ? { type: 'object' } : { $ref: `#/components/schemas/${component}` };
  return action === 'delete'
    ? { content: { '*/*': { schema } } }
    : { content: { '*/*': { schema } }, required: true };
}

function response(description: string, component: string | undefined): JsonObject {
  const schema: JsonObject =
    component === undefined ? { type: 'object' } : { $ref: `#/components/schemas/${component}` };
  return { description, content: { 'application/json': { schema }, 'application/yaml': { schema } } };
}

function parameters(list: readonly Parameter[]): JsonObject[] {
  return list.map(([name, type, description]) => ({
    name,
    in: 'query',
    description,
    schema: { type, uniqueItems: true },
  }));
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
