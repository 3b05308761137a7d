/** Defaults and refusals of the core kinds besides pods (kubernetes pkg/apis/core, pkg/registry/core, v1.35). */
import type { ConfigMap, PersistentVolumeClaim, Secret } from '../types/core.ts';
import type { JsonObject, JsonValue, KubeObject, StatusCause } from '../types/meta.ts';
import { compareQuantities, tryParseQuantity } from '../types/quantity.ts';
import { forbidden, IMMUTABLE, invalid, notSupported, required, same } from './field-errors.ts';
import { asObject, at, fields, mapList, withDefaults, withField } from './fields.ts';
import { canonicalList, claimSpecDefaults, templateDefaults } from './pod-defaults.ts';

/** An object with another status; for kinds whose status a client may not choose at creation. */
export function withStatus(status: JsonObject) {
  return (object: KubeObject): KubeObject => ({ ...object, status }) as KubeObject;
}

/** Changes `spec` of a loosely typed object; the same reference when nothing changes. */
export function onSpec(change: (spec: JsonObject) => JsonObject) {
  return (object: KubeObject): KubeObject =>
    withField<KubeObject, JsonObject>(object, 'spec', spec => (asObject(spec) ? change(spec) : spec));
}

const NAME_LABEL = 'kubernetes.io/metadata.name';

/** Every namespace carries its own name as a label. */
export function namespaceDefaults(object: KubeObject): KubeObject {
  const { metadata } = object;
  if (!metadata.name || metadata.labels?.[NAME_LABEL] === metadata.name) return object;
  return {
    ...object,
    metadata: { ...metadata, labels: { ...metadata.labels, [NAME_LABEL]: metadata.name } },
  };
}

export function prepareNamespace(object: KubeObject): KubeObject {
  const finalizers = at(object, 'spec', 'finalizers');
  const kept = Array.isArray(finalizers) ? finalizers.filter(name => name !== 'kubernetes') : [];
  return {
    ...object,
    spec: { finalizers: [...kept, 'kubernetes'] },
    status: { phase: 'Active' },
  } as KubeObject;
}

/** Only the finalize subresource removes a namespace's finalizers. */
export function keepNamespaceSpec(object: KubeObject, old: KubeObject): KubeObject {
  const before = fields(old).spec;
  return same(fields(object).spec, before) ? object : ({ ...object, spec: before } as unknown as KubeObject);
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function base64(text: string): string {
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else {
      bytes.push(
        0xf0 | (code >> 18),
        0x80 | ((code >> 12) & 63),
        0x80 | ((code >> 6) & 63),
        0x80 | (code & 63),
      );
    }
  }
  let result = '';
  for (let index = 0; index < bytes.length; index += 3) {
    const [a = 0, b, c] = bytes.slice(index, index + 3);
    result += BASE64[a >> 2];
    result += BASE64[((a & 3) << 4) | ((b ?? 0) >> 4)];
    result += b === undefined ? '=' : BASE64[((b & 15) << 2) | ((c ?? 0) >> 6)];
    result += c === undefined ? '=' : BASE64[c & 63];
  }
  return result;
}

/** The type, and the write-only plain texts encoded into data. */
export function secretDefaults(object: KubeObject): KubeObject {
  let secret = object as Secret;
  if (secret.stringData) {
    const { stringData, ...rest } = secret;
    const data = { ...rest.data };
    for (const [key, value] of Object.entries(stringData)) data[key] = base64(value);
    secret = { ...rest, data };
  }
  return (secret.type ? secret : { ...secret, type: 'Opaque' }) as KubeObject;
}

const DATA_KEY = /^[-._a-zA-Z0-9]+$/;
const DATA_KEY_ERROR =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

export function validateData(object: KubeObject): StatusCause[] {
  const causes: StatusCause[] = [];
  for (const list of ['data', 'binaryData']) {
    for (const key of Object.keys(asObject(fields(object)[list]) ?? {})) {
      if (!DATA_KEY.test(key)) causes.push(invalid(`${list}[${key}]`, key, DATA_KEY_ERROR));
    }
  }
  return causes;
}

/** Keys that a type of secret must have. */
const SECRET_KEYS: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
};

export function validateSecret(object: KubeObject): StatusCause[] {
  const secret = object as Secret;
  const causes = validateData(object);
  for (const key of SECRET_KEYS[secret.type ?? ''] ?? []) {
    if (secret.data?.[key] === undefined) causes.push(required(`data[${key}]`));
  }
  return causes;
}

const IMMUTABLE_DATA = 'field is immutable when `immutable` is set';

export function validateDataUpdate(object: KubeObject, old: KubeObject): StatusCause[] {
  const now = object as ConfigMap;
  const before = old as ConfigMap;
  const causes: StatusCause[] = [];
  const types = [(object as Secret).type, (old as Secret).type];
  if (types[1] !== undefined && types[0] !== types[1]) causes.push(invalid('type', types[0], IMMUTABLE));
  if (!before.immutable) return causes;
  if (!now.immutable) causes.push(forbidden('immutable', IMMUTABLE_DATA));
  if (!same(now.data, before.data)) causes.push(forbidden('data', IMMUTABLE_DATA));
  if (!same(now.binaryData, before.binaryData)) causes.push(forbidden('binaryData', IMMUTABLE_DATA));
  return causes;
}

export const claimDefaults = onSpec(spec => {
  const sized = claimSpecDefaults(spec);
  const source = sized.dataSource;
  const reference = asObject(sized.dataSourceRef);
  if (source && !reference) return { ...sized, dataSourceRef: source };
  if (!source && reference && !reference.namespace) {
    const { namespace: _, ...local } = reference;
    return { ...sized, dataSource: local };
  }
  return sized;
});

const CLAIM_UPDATE =
  'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
const MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];

function accessModeCauses(modes: readonly string[] | undefined): StatusCause[] {
  if (!modes || modes.length === 0) {
    return [required('spec.accessModes', 'at least 1 access mode is required')];
  }
  return modes
    .map((mode, index) => [mode, index] as const)
    .filter(([mode]) => !MODES.includes(mode))
    .map(([mode, index]) => notSupported(`spec.accessModes[${index}]`, mode, MODES));
}

export function validateClaim(object: KubeObject): StatusCause[] {
  const { spec } = object as PersistentVolumeClaim;
  const causes = accessModeCauses(spec?.accessModes);
  const size = spec?.resources?.requests?.storage;
  if (size === undefined) causes.push(required('spec.resources[storage]'));
  else if ((tryParseQuantity(size)?.nano ?? 0n) <= 0n) {
    causes.push(invalid('spec.resources[storage]', size, 'must be greater than zero'));
  }
  return causes;
}

export function validateClaimUpdate(object: KubeObject, old: KubeObject): StatusCause[] {
  const now = (object as PersistentVolumeClaim).spec;
  const { spec: before, status } = old as PersistentVolumeClaim;
  if (now === before) return [];
  const fixed = (spec: PersistentVolumeClaim['spec']) => {
    const { resources, volumeName, ...rest } = spec as PersistentVolumeClaim['spec'] & JsonObject;
    const { volumeAttributesClassName: _attributes, ...others } = rest as JsonObject;
    return { ...others, limits: resources?.limits, volumeName: before.volumeName ? volumeName : undefined };
  };
  // A claim without a class may still be given one.
  const classed = before.storageClassName === undefined ? { ...now, storageClassName: undefined } : now;
  if (!same(fixed(classed as PersistentVolumeClaim['spec']), fixed(before))) {
    return [forbidden('spec', CLAIM_UPDATE)];
  }
  const size = now.resources?.requests?.storage;
  const previous = before.resources?.requests?.storage;
  if (size === undefined || previous === undefined || compareQuantities(size, previous) === 0) return [];
  if (status?.phase !== 'Bound') return [forbidden('spec', CLAIM_UPDATE)];
  if (
    compareQuantities(size, previous) < 0 &&
    compareQuantities(size, status.capacity?.storage ?? previous) <= 0
  ) {
    return [forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity')];
  }
  return [];
}

export const volumeDefaults = onSpec(spec => {
  const complete = withDefaults(spec, { persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem' });
  const sized = withField(complete, 'capacity', canonicalList);
  return withField(sized, 'hostPath', value => withDefaults(value as JsonObject, { type: '' }));
});

const VOLUME_FIELDS = new Set([
  'accessModes',
  'capacity',
  'claimRef',
  'mountOptions',
  'nodeAffinity',
  'persistentVolumeReclaimPolicy',
  'storageClassName',
  'volumeAttributesClassName',
  'volumeMode',
]);

export function validateVolume(object: KubeObject): StatusCause[] {
  const spec = asObject(fields(object).spec) ?? {};
  const modes = spec.accessModes as string[] | undefined;
  const causes: StatusCause[] = modes?.length ? accessModeCauses(modes) : [required('spec.accessModes')];
  if (Object.keys(asObject(spec.capacity) ?? {}).length === 0) causes.push(required('spec.capacity'));
  if (!Object.keys(spec).some(name => !VOLUME_FIELDS.has(name))) {
    causes.push(required('spec', 'must specify a volume type'));
  }
  return causes;
}

export const quotaDefaults = onSpec(spec => withField(spec, 'hard', canonicalList));

const LIMIT_LISTS = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'];

/** Limits of containers complete each other: default from max, defaultRequest from default and then min. */
export const limitRangeDefaults = onSpec(spec =>
  withField(spec, 'limits', limits =>
    Array.isArray(limits) ? mapList(limits, item => limitDefaults(item as JsonObject) as JsonValue) : limits,
  ),
);

function limitDefaults(given: JsonObject): JsonObject {
  let limit = given;
  for (const list of LIMIT_LISTS) limit = withField(limit, list, canonicalList);
  if (limit.type !== 'Container') return limit;
  const complete = (list: string, from: JsonValue | undefined) => {
    const defaults = asObject(from);
    if (!defaults || Object.keys(defaults).length === 0) return;
    const present = asObject(limit[list]) ?? {};
    const merged = withDefaults(present, defaults);
    if (merged !== present) limit = { ...limit, [list]: merged };
  };
  complete('default', limit.max);
  complete('defaultRequest', limit.default);
  complete('defaultRequest', limit.min);
  return limit;
}

/** A replication controller's selector and labels come from its template where they are not given. */
export function replicationControllerDefaults(object: KubeObject): KubeObject {
  const labels = asObject(at(object, 'spec', 'template', 'metadata', 'labels')) as
    | Record<string, string>
    | undefined;
  const labelled =
    labels && Object.keys(object.metadata.labels ?? {}).length === 0
      ? { ...object, metadata: { ...object.metadata, labels } }
      : object;
  return onSpec(spec => {
    const complete = withDefaults(spec, { replicas: 1, selector: labels });
    return withField(complete, 'template', templateDefaults);
  })(labelled);
}

export function podTemplateDefaults(object: KubeObject): KubeObject {
  return withField<KubeObject, JsonValue>(object, 'template', templateDefaults);
}

export function endpointsDefaults(object: KubeObject): KubeObject {
  return withField<KubeObject, JsonValue>(object, 'subsets', subsets =>
    mapList(subsets as JsonValue[], subset =>
      withField(subset as JsonObject, 'ports', ports =>
        mapList(ports as JsonValue[], port => withDefaults(port as JsonObject, { protocol: 'TCP' })),
      ),
    ),
  );
}
