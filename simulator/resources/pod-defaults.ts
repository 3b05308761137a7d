/** What kube-apiserver fills into pod specs (kubernetes pkg/apis/core/v1/defaults.go, v1.35). */
import { canonicalQuantity, tryParseQuantity } from '../types/quantity.ts';
import type { JsonObject, JsonValue, KubeObject } from '../types/meta.ts';
import { asObject, at, mapList, withDefaults, withField } from './fields.ts';

const POD_SPEC = {
  dnsPolicy: 'ClusterFirst',
  restartPolicy: 'Always',
  schedulerName: 'default-scheduler',
  securityContext: {},
  terminationGracePeriodSeconds: 30,
};
const CONTAINER = {
  resources: {},
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
};
const PROBE = { failureThreshold: 3, periodSeconds: 10, successThreshold: 1, timeoutSeconds: 1 };
const HTTP_GET = { path: '/', scheme: 'HTTP' };
const FIELD_REF = { apiVersion: 'v1' };
const MODE = { defaultMode: 0o644 };

/** Always for images that move, IfNotPresent for a tag or a digest. */
export function pullPolicyOf(image: string | undefined): string {
  if (!image) return 'IfNotPresent';
  if (image.includes('@')) return 'IfNotPresent';
  const tag = image.slice(image.lastIndexOf('/') + 1).split(':')[1];
  return tag === undefined || tag === 'latest' ? 'Always' : 'IfNotPresent';
}

/** Quantities as the API prints them, `1024Mi` as `1Gi`; texts that are none stay for validation. */
export function canonicalResources(resources: JsonObject): JsonObject {
  let result = resources;
  for (const list of ['limits', 'requests']) result = withField(result, list, canonicalList);
  return result;
}

/** A list of amounts by resource name in canonical form; the same reference when it is already. */
export function canonicalList(amounts: JsonValue): JsonValue {
  const given = asObject(amounts);
  if (!given) return amounts;
  let result = given;
  for (const name in given) {
    const amount = given[name];
    if (typeof amount !== 'string' && typeof amount !== 'number') continue;
    if (!tryParseQuantity(amount)) continue;
    const canonical = canonicalQuantity(amount);
    if (canonical !== amount) {
      if (result === given) result = { ...given };
      result[name] = canonical;
    }
  }
  return result;
}

/** Defaults of a pod. */
export function podDefaults(object: KubeObject): KubeObject {
  return withField<KubeObject, JsonObject>(object, 'spec', spec => {
    const complete = withDefaults(podSpecDefaults(spec), { containers: [], enableServiceLinks: true });
    return withContainers(complete, container => withField(container, 'resources', requestsFromLimits));
  });
}

/** Defaults of the pod template under `spec.template` or `template`. */
export function templateDefaults(template: JsonValue): JsonValue {
  const given = asObject(template);
  return given ? withField(given, 'spec', value => podSpecDefaults(value as JsonObject)) : template;
}

export function podSpecDefaults(given: JsonObject): JsonObject {
  let spec = withDefaults(given, POD_SPEC);
  // The deprecated name and the current one are always the same.
  if (spec.serviceAccountName !== spec.serviceAccount) {
    const name = spec.serviceAccountName || spec.serviceAccount;
    if (name) spec = { ...spec, serviceAccount: name, serviceAccountName: name };
  }
  const hostNetwork = spec.hostNetwork === true;
  spec = withContainers(spec, container => containerDefaults(container, hostNetwork));
  return withField(spec, 'volumes', volumes => mapObjects(volumes, volumeDefaults));
}

function withContainers(spec: JsonObject, change: (container: JsonObject) => JsonObject): JsonObject {
  let result = spec;
  for (const list of ['initContainers', 'containers', 'ephemeralContainers']) {
    result = withField(result, list, containers => mapObjects(containers, change));
  }
  return result;
}

function mapObjects(list: JsonValue, change: (item: JsonObject) => JsonObject): JsonValue {
  if (!Array.isArray(list)) return list;
  return mapList(list, item => {
    const object = asObject(item);
    return object ? change(object) : item;
  });
}

function containerDefaults(given: JsonObject, hostNetwork: boolean): JsonObject {
  let container = withDefaults(given, CONTAINER);
  if (!container.imagePullPolicy) {
    container = { ...container, imagePullPolicy: pullPolicyOf(container.image as string | undefined) };
  }
  container = withField(container, 'resources', value => canonicalResources(value as JsonObject));
  container = withField(container, 'ports', ports =>
    mapObjects(ports, port => portDefaults(port, hostNetwork)),
  );
  container = withField(container, 'env', env => mapObjects(env, envDefaults));
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    container = withField(container, probe, value => probeDefaults(value as JsonObject));
  }
  return withField(container, 'lifecycle', lifecycle => {
    let result = lifecycle as JsonObject;
    for (const hook of ['postStart', 'preStop']) {
      result = withField(result, hook, value => withHttpGet(value as JsonObject));
    }
    return result;
  });
}

function portDefaults(port: JsonObject, hostNetwork: boolean): JsonObject {
  return withDefaults(port, {
    protocol: 'TCP',
    hostPort: hostNetwork && typeof port.containerPort === 'number' ? port.containerPort : undefined,
  });
}

function envDefaults(variable: JsonObject): JsonObject {
  return withField(variable, 'valueFrom', source => withFieldRef(source as JsonObject));
}

function withFieldRef(holder: JsonObject): JsonObject {
  return withField(holder, 'fieldRef', reference => withDefaults(reference as JsonObject, FIELD_REF));
}

function probeDefaults(probe: JsonObject): JsonObject {
  const complete = withHttpGet(withDefaults(probe, PROBE));
  return withField(complete, 'grpc', grpc => withDefaults(grpc as JsonObject, { service: '' }));
}

function withHttpGet(holder: JsonObject): JsonObject {
  return withField(holder, 'httpGet', get => withDefaults(get as JsonObject, HTTP_GET));
}

function requestsFromLimits(given: JsonValue): JsonValue {
  const limits = asObject(at(given, 'limits'));
  if (!limits) return given;
  const resources = given as JsonObject;
  const requests = asObject(resources.requests) ?? {};
  const complete = withDefaults(requests, limits);
  return complete === resources.requests || (complete === requests && !resources.requests)
    ? resources
    : { ...resources, requests: complete };
}

function volumeDefaults(given: JsonObject): JsonObject {
  let sources = 0;
  for (const name in given) if (name !== 'name' && given[name] !== undefined) sources += 1;
  if (sources === 0) return { ...given, emptyDir: {} };
  let volume = given;
  for (const source of ['secret', 'configMap', 'downwardAPI', 'projected']) {
    volume = withField(volume, source, value => withDefaults(value as JsonObject, MODE));
  }
  volume = withField(volume, 'downwardAPI', value => withItemRefs(value as JsonObject));
  volume = withField(volume, 'projected', value =>
    withField(value as JsonObject, 'sources', list => mapObjects(list, projectionDefaults)),
  );
  volume = withField(volume, 'hostPath', value => withDefaults(value as JsonObject, { type: '' }));
  volume = withField(volume, 'image', value => {
    const image = value as JsonObject;
    return withDefaults(image, { pullPolicy: pullPolicyOf(image.reference as string | undefined) });
  });
  return withField(volume, 'ephemeral', value =>
    withField(value as JsonObject, 'volumeClaimTemplate', template =>
      withField(template as JsonObject, 'spec', spec => claimSpecDefaults(spec as JsonObject)),
    ),
  );
}

function withItemRefs(source: JsonObject): JsonObject {
  return withField(source, 'items', items => mapObjects(items, withFieldRef));
}

function projectionDefaults(source: JsonObject): JsonObject {
  const token = withField(source, 'serviceAccountToken', value =>
    withDefaults(value as JsonObject, { expirationSeconds: 3600 }),
  );
  return withField(token, 'downwardAPI', value => withItemRefs(value as JsonObject));
}

/** Defaults of a claim's spec, and its size as the API prints it. */
export function claimSpecDefaults(spec: JsonObject): JsonObject {
  const sized = withField(spec, 'resources', value => canonicalResources(value as JsonObject));
  return withDefaults(sized, { volumeMode: 'Filesystem' });
}
