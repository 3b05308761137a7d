/** The API of an installed cluster as objects: CustomResourceDefinitions and APIServices. */
import { timestamp } from '../clock/index.ts';
import { allDefinitions, type ResourceDefinition, type VersionDefinition } from '../resources/index.ts';
import type { JsonObject, Millis, NewObject } from '../types/meta.ts';
import { TEMPLATE_ANNOTATION } from './template-components.ts';
import { type InstallationStep, step } from './step.ts';

/** Stands where no schema is known: every field is kept. */
const OPEN_SCHEMA: JsonObject = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

/** The OpenAPI schema of a kind in one version, where one is known. */
export type SchemaOf = (definition: ResourceDefinition, version: string) => JsonObject | undefined;

const OPERATOR_KINDS: Readonly<Record<string, string>> = {
  'kubevirts.kubevirt.io': 'operator.kubevirt.io',
  'cdis.cdi.kubevirt.io': 'operator.cdi.kubevirt.io',
};

function labelsOf({ group, plural }: ResourceDefinition): NewObject['metadata'] {
  const operator = OPERATOR_KINDS[`${plural}.${group}`];
  if (operator) return { labels: { [operator]: '' } };
  if (group === 'template.kubevirt.io') return { annotations: TEMPLATE_ANNOTATION };
  if (group.endsWith('cdi.kubevirt.io')) return { labels: { 'cdi.kubevirt.io': '' } };
  if (!group.endsWith('kubevirt.io')) return {};
  return {
    labels: {
      'app.kubernetes.io/component': 'kubevirt',
      'app.kubernetes.io/managed-by': 'virt-operator',
      'kubevirt.io': '',
    },
  };
}

/** `*.k8s.io` groups have to say that their API was reviewed. */
function approval({ group }: ResourceDefinition): Record<string, string> | undefined {
  return group === 'snapshot.storage.k8s.io'
    ? { 'api-approved.kubernetes.io': 'https://github.com/kubernetes-csi/external-snapshotter/pull/814' }
    : undefined;
}

function versionObject(
  definition: ResourceDefinition,
  version: VersionDefinition,
  schemaOf: SchemaOf,
): JsonObject {
  const { group, kind, hasStatus, scale } = definition;
  const columns = version.columns ?? definition.columns;
  const defaultWarning = `${group}/${version.name} ${kind} is deprecated`;
  return {
    name: version.name,
    served: version.served,
    storage: version.storage,
    ...(version.deprecated ? { deprecated: true } : {}),
    ...(version.deprecationWarning && version.deprecationWarning !== defaultWarning
      ? { deprecationWarning: version.deprecationWarning }
      : {}),
    ...(columns ? { additionalPrinterColumns: columns.map(columnObject) } : {}),
    schema: { openAPIV3Schema: schemaOf(definition, version.name) ?? OPEN_SCHEMA },
    ...(hasStatus || scale
      ? { subresources: { ...(scale ? { scale: { ...scale } } : {}), ...(hasStatus ? { status: {} } : {}) } }
      : {}),
  };
}

function columnObject(column: NonNullable<ResourceDefinition['columns']>[number]): JsonObject {
  const { name, type, format, description, priority, jsonPath } = column;
  return {
    ...(description ? { description } : {}),
    ...(format ? { format } : {}),
    jsonPath: jsonPath ?? '',
    name,
    ...(priority ? { priority } : {}),
    type,
  };
}

/** The CustomResourceDefinition that serves a custom kind, with its names accepted. */
export function definitionObject(definition: ResourceDefinition, now: Millis, schemaOf: SchemaOf): NewObject {
  const { group, plural, singular, kind, listKind, shortNames, categories, namespaced, versions } =
    definition;
  const names: JsonObject = {
    ...(categories.length > 0 ? { categories: [...categories] } : {}),
    kind,
    listKind,
    plural,
    ...(shortNames.length > 0 ? { shortNames: [...shortNames] } : {}),
    singular,
  };
  const accepted = (type: string, reason: string, message: string) => ({
    lastTransitionTime: timestamp(now),
    message,
    reason,
    status: 'True',
    type,
  });
  const annotations = approval(definition);
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.${group}`,
      ...labelsOf(definition),
      ...(annotations ? { annotations } : {}),
    },
    spec: {
      conversion: { strategy: 'None' },
      group,
      names,
      scope: namespaced ? 'Namespaced' : 'Cluster',
      versions: versions.map(version => versionObject(definition, version, schemaOf)),
    },
    status: {
      acceptedNames: names,
      conditions: [
        accepted('NamesAccepted', 'NoConflicts', 'no conflicts found'),
        accepted('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
      ],
      storedVersions: versions.filter(version => version.storage).map(version => version.name),
    },
  } as NewObject;
}

export function definitionSteps(now: Millis, schemaOf: SchemaOf): InstallationStep[] {
  return allDefinitions()
    .filter(definition => definition.custom)
    .map(definition =>
      step('customresourcedefinitions.apiextensions.k8s.io', definitionObject(definition, now, schemaOf)),
    );
}

/** Discovery order of the groups compiled into kube-apiserver (kubernetes pkg/controlplane/apiserver/aggregator.go). */
const GROUP_PRIORITY: Readonly<Record<string, number>> = {
  '': 18_000,
  apps: 17_800,
  'events.k8s.io': 17_750,
  'authentication.k8s.io': 17_700,
  'authorization.k8s.io': 17_600,
  autoscaling: 17_500,
  batch: 17_400,
  'certificates.k8s.io': 17_300,
  'networking.k8s.io': 17_200,
  policy: 17_100,
  'rbac.authorization.k8s.io': 17_000,
  'storage.k8s.io': 16_800,
  'apiextensions.k8s.io': 16_700,
  'admissionregistration.k8s.io': 16_700,
  'scheduling.k8s.io': 16_600,
  'coordination.k8s.io': 16_500,
  'node.k8s.io': 16_300,
  'discovery.k8s.io': 16_200,
};
/** Groups that are served without a stored kind. */
const REVIEW_GROUPS: readonly (readonly [group: string, version: string])[] = [
  ['authentication.k8s.io', 'v1'],
  ['authorization.k8s.io', 'v1'],
];
const AGGREGATOR_GROUP = 'apiregistration.k8s.io';
const CUSTOM_PRIORITY = { groupPriorityMinimum: 1000, versionPriority: 100 };

interface Registration {
  group: string;
  version: string;
  priority: { groupPriorityMinimum: number; versionPriority: number };
  metadata: NewObject['metadata'];
  service?: { namespace: string; name: string };
}

function apiService(
  { group, version, priority, metadata, service }: Registration,
  now: Millis,
): InstallationStep {
  const condition = service
    ? { reason: 'Passed', message: 'all checks passed' }
    : { reason: 'Local', message: 'Local APIServices are always available' };
  return step('apiservices.apiregistration.k8s.io', {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { ...metadata, name: `${version}.${group}` },
    spec: {
      ...(group ? { group } : {}),
      ...priority,
      ...(service ? { service: { ...service, port: 443 } } : {}),
      version,
    },
    status: {
      conditions: [{ ...condition, lastTransitionTime: timestamp(now), status: 'True', type: 'Available' }],
    },
  } as NewObject);
}

const MANAGED = { 'kube-aggregator.kubernetes.io/automanaged': 'onstart' };
const MANAGED_CUSTOM = { 'kube-aggregator.kubernetes.io/automanaged': 'true' };

function localServices(now: Millis): InstallationStep[] {
  const registrations = new Map<string, Registration>();
  const add = (group: string, version: string, index: number, isCustom: boolean) => {
    const key = `${version}.${group}`;
    if (registrations.has(key) || group === AGGREGATOR_GROUP) return;
    registrations.set(key, {
      group,
      version,
      priority: isCustom
        ? CUSTOM_PRIORITY
        : {
            groupPriorityMinimum: GROUP_PRIORITY[group] ?? 16_000,
            versionPriority: group === '' ? 1 : group === 'autoscaling' ? 30 : 15 - index,
          },
      metadata: { labels: isCustom ? MANAGED_CUSTOM : MANAGED },
    });
  };
  for (const definition of allDefinitions()) {
    definition.versions
      .filter(version => version.served)
      .forEach((version, index) => {
        add(definition.group, version.name, index, definition.custom);
      });
  }
  for (const [group, version] of REVIEW_GROUPS) add(group, version, 0, false);
  return [...registrations.values()].map(registration => apiService(registration, now));
}

/** APIServices of served groups: local ones first, then those that KubeVirt, its templates and CDI bring. */
export function apiServiceSteps(now: Millis): InstallationStep[] {
  const remote = (
    group: string,
    version: string,
    versionPriority: number,
    more: Pick<Registration, 'service' | 'metadata'>,
  ) =>
    apiService({ group, version, priority: { groupPriorityMinimum: 1000, versionPriority }, ...more }, now);
  const virtApi = {
    service: { namespace: 'kubevirt', name: 'virt-api' },
    metadata: {
      labels: { 'app.kubernetes.io/managed-by': 'virt-operator', 'kubevirt.io': 'virt-api-aggregator' },
      annotations: { 'certificates.kubevirt.io/secret': 'kubevirt-virt-api-certs' },
    },
  };
  const templates = {
    service: { namespace: 'kubevirt', name: 'virt-template-api-service' },
    metadata: {
      labels: {
        'app.kubernetes.io/name': 'virt-template',
        'kubevirt.io': 'virt-template-apiserver-aggregator',
      },
      annotations: TEMPLATE_ANNOTATION,
    },
  };
  const upload = {
    service: { namespace: 'cdi', name: 'cdi-api' },
    metadata: { labels: { 'cdi.kubevirt.io': 'cdi-api' } },
  };
  return [
    ...localServices(now),
    remote('subresources.kubevirt.io', 'v1', 15, virtApi),
    remote('subresources.kubevirt.io', 'v1alpha3', 15, virtApi),
    remote('subresources.template.kubevirt.io', 'v1alpha1', 15, templates),
    remote('subresources.template.kubevirt.io', 'v1beta1', 10, templates),
    remote('upload.cdi.kubevirt.io', 'v1beta1', 15, upload),
  ];
}
