/** Pods: what creation sets, what is refused, what stays as it was (kubernetes pkg/apis/core/validation, v1.35). */
import type { Container, Pod, PodSpec } from '../types/core.ts';
import type { JsonObject, JsonValue, KubeObject, StatusCause } from '../types/meta.ts';
import { compareQuantities, tryParseQuantity } from '../types/quantity.ts';
import {
  duplicate,
  forbidden,
  invalid,
  nameCauses,
  NOT_NEGATIVE,
  notFound,
  notSupported,
  portCauses,
  required,
  same,
} from './field-errors.ts';

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

/** Quality of service from CPU and memory of all containers (kubernetes pkg/apis/core/helper/qos). */
export function qosClass(spec: PodSpec): QosClass {
  let any = false;
  let guaranteed = true;
  for (const container of [...(spec.initContainers ?? []), ...spec.containers]) {
    for (const resource of ['cpu', 'memory']) {
      const request = positive(container.resources?.requests?.[resource]);
      const limit = positive(container.resources?.limits?.[resource]);
      if (request || limit) any = true;
      if (!limit || (request && compareQuantities(request, limit) !== 0)) guaranteed = false;
    }
  }
  if (!any) return 'BestEffort';
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

function positive(amount: string | undefined): string | undefined {
  const quantity = amount === undefined ? undefined : tryParseQuantity(amount);
  return quantity && quantity.nano > 0n ? amount : undefined;
}

export function preparePod(object: KubeObject): KubeObject {
  const pod = object as Pod;
  return { ...pod, status: { phase: 'Pending', qosClass: qosClass(pod.spec) } } as Pod;
}

/** Pods that never ran, or run no more, have nothing to shut down. */
export function podGracePeriod(object: KubeObject): number {
  const { spec, status } = object as Pod;
  if (!spec.nodeName || status?.phase === 'Succeeded' || status?.phase === 'Failed') return 0;
  return spec.terminationGracePeriodSeconds ?? 30;
}

export function validatePod(object: KubeObject): StatusCause[] {
  return validatePodSpec((object as Pod).spec, 'spec');
}

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];
const DNS_POLICIES = ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'];

/** The refusals of a pod's spec; `path` is where it stands (`spec`, `spec.template.spec`). */
export function validatePodSpec(spec: PodSpec | undefined, path: string): StatusCause[] {
  if (!spec) return [required(`${path}.containers`)];
  const causes: StatusCause[] = [];
  const volumes = new Set<string>();
  (spec.volumes ?? []).forEach((volume, index) => {
    causes.push(...nameCauses(`${path}.volumes[${index}].name`, volume.name, volumes));
  });
  const names = new Set<string>();
  const check = (containers: readonly Container[], list: string) => {
    containers.forEach((container, index) => {
      causes.push(...validateContainer(container, `${path}.${list}[${index}]`, names, volumes));
    });
  };
  if (!spec.containers || spec.containers.length === 0) causes.push(required(`${path}.containers`));
  else check(spec.containers, 'containers');
  check(spec.initContainers ?? [], 'initContainers');
  if (spec.restartPolicy && !RESTART_POLICIES.includes(spec.restartPolicy)) {
    causes.push(notSupported(`${path}.restartPolicy`, spec.restartPolicy, RESTART_POLICIES));
  }
  if (spec.dnsPolicy && !DNS_POLICIES.includes(spec.dnsPolicy)) {
    causes.push(notSupported(`${path}.dnsPolicy`, spec.dnsPolicy, DNS_POLICIES));
  }
  const grace = spec.terminationGracePeriodSeconds;
  if (grace !== undefined && grace < 0) {
    causes.push(invalid(`${path}.terminationGracePeriodSeconds`, grace, NOT_NEGATIVE));
  }
  return causes;
}

const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];

function validateContainer(
  container: Container,
  path: string,
  names: Set<string>,
  volumes: ReadonlySet<string>,
): StatusCause[] {
  const causes = nameCauses(`${path}.name`, container.name, names);
  if (!container.image) causes.push(required(`${path}.image`));
  if (container.imagePullPolicy && !PULL_POLICIES.includes(container.imagePullPolicy)) {
    causes.push(notSupported(`${path}.imagePullPolicy`, container.imagePullPolicy, PULL_POLICIES));
  }
  const portNames = new Set<string>();
  (container.ports ?? []).forEach((port, index) => {
    const at = `${path}.ports[${index}]`;
    if (port.name !== undefined) {
      if (portNames.has(port.name)) causes.push(duplicate(`${at}.name`, port.name));
      portNames.add(port.name);
    }
    causes.push(...portCauses(`${at}.containerPort`, port.containerPort));
    if (port.protocol && !PROTOCOLS.includes(port.protocol)) {
      causes.push(notSupported(`${at}.protocol`, port.protocol, PROTOCOLS));
    }
  });
  (container.env ?? []).forEach((variable, index) => {
    if (!variable.name) causes.push(required(`${path}.env[${index}].name`));
  });
  const paths = new Set<string>();
  (container.volumeMounts ?? []).forEach((mount, index) => {
    const at = `${path}.volumeMounts[${index}]`;
    if (!mount.name) causes.push(required(`${at}.name`));
    else if (!volumes.has(mount.name)) causes.push(notFound(`${at}.name`, mount.name));
    if (!mount.mountPath) causes.push(required(`${at}.mountPath`));
    else if (paths.has(mount.mountPath))
      causes.push(invalid(`${at}.mountPath`, mount.mountPath, 'must be unique'));
    paths.add(mount.mountPath);
  });
  causes.push(...validateResources(container, path));
  return causes;
}

function validateResources({ resources }: Container, path: string): StatusCause[] {
  const causes: StatusCause[] = [];
  for (const [name, request] of Object.entries(resources?.requests ?? {})) {
    const limit = resources?.limits?.[name];
    if (!tryParseQuantity(request) || limit === undefined || !tryParseQuantity(limit)) continue;
    if (compareQuantities(request, limit) > 0) {
      const detail = `must be less than or equal to ${name} limit of ${limit}`;
      causes.push(invalid(`${path}.resources.requests`, request, detail));
    }
  }
  return causes;
}

const POD_UPDATE =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** Fields of a pod's spec that an update may change, apart from images. */
const MUTABLE = new Set([
  'activeDeadlineSeconds',
  'tolerations',
  'terminationGracePeriodSeconds',
  'schedulingGates',
]);

export function validatePodUpdate(object: KubeObject, old: KubeObject): StatusCause[] {
  const now = (object as Pod).spec as unknown as JsonObject;
  const before = (old as Pod).spec as unknown as JsonObject;
  if (now === before) return [];
  for (const field of new Set([...Object.keys(now), ...Object.keys(before)])) {
    if (MUTABLE.has(field) || now[field] === before[field]) continue;
    // The scheduler's binding and ephemeral containers arrive as updates as well.
    if (field === 'nodeName' && !before.nodeName) continue;
    if (field === 'ephemeralContainers') continue;
    const equal =
      field === 'containers' || field === 'initContainers'
        ? sameButImages(now[field], before[field])
        : same(now[field], before[field]);
    if (!equal) return [forbidden('spec', POD_UPDATE)];
  }
  return [];
}

function sameButImages(now: JsonValue | undefined, before: JsonValue | undefined): boolean {
  if (!Array.isArray(now) || !Array.isArray(before)) return same(now, before);
  if (now.length !== before.length) return false;
  return now.every((container, index) => {
    const { image: _new, ...rest } = container as JsonObject;
    const { image: _old, ...previous } = before[index] as JsonObject;
    return same(rest, previous);
  });
}
