/** Defaults and refusals of the kinds of cluster administration (kubernetes v1.35). */
import type { JsonObject, JsonValue, KubeObject, StatusCause } from '../types/meta.ts';
import { onSpec } from './core-rules.ts';
import { forbidden, IMMUTABLE, invalid, required, same } from './field-errors.ts';
import { asObject, fields, mapList, objectAt, objects, text, withDefaults, withField } from './fields.ts';

const RBAC_GROUP = 'rbac.authorization.k8s.io';

/** Maps the objects of a list field; the same reference when none changes. */
function onItems(holder: JsonObject, name: string, change: (item: JsonObject) => JsonObject): JsonObject {
  return withField(holder, name, list =>
    Array.isArray(list) ? mapList(list, item => (asObject(item) ? change(item as JsonObject) : item)) : list,
  );
}

function loosely(change: (object: JsonObject) => JsonObject) {
  return (object: KubeObject): KubeObject => change(fields(object)) as unknown as KubeObject;
}

export const storageClassDefaults = loosely(object =>
  withDefaults(object, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' }),
);

export function validateStorageClass(object: KubeObject): StatusCause[] {
  return text(fields(object).provisioner) === '' ? [required('provisioner')] : [];
}

export function validateStorageClassUpdate(object: KubeObject, old: KubeObject): StatusCause[] {
  const now = fields(object);
  const before = fields(old);
  const causes: StatusCause[] = [];
  for (const field of ['parameters', 'provisioner', 'reclaimPolicy']) {
    if (!same(now[field], before[field])) causes.push(forbidden(field, `updates to ${field} are forbidden.`));
  }
  if (now.volumeBindingMode !== before.volumeBindingMode) {
    causes.push(invalid('volumeBindingMode', now.volumeBindingMode, IMMUTABLE));
  }
  return causes;
}

export const csiDriverDefaults = onSpec(spec =>
  withDefaults(spec, {
    attachRequired: true,
    fsGroupPolicy: 'ReadWriteOnceWithFSType',
    podInfoOnMount: false,
    requiresRepublish: false,
    seLinuxMount: false,
    storageCapacity: false,
    volumeLifecycleModes: ['Persistent'],
  }),
);

export const bindingDefaults = loosely(object => {
  const referenced = withField(object, 'roleRef', reference =>
    withDefaults(reference as JsonObject, { apiGroup: RBAC_GROUP }),
  );
  return onItems(referenced, 'subjects', subject =>
    subject.kind === 'User' || subject.kind === 'Group'
      ? withDefaults(subject, { apiGroup: RBAC_GROUP })
      : subject,
  );
});

export function validateBinding(object: KubeObject): StatusCause[] {
  const { roleRef } = fields(object);
  return text((roleRef as JsonObject | undefined)?.name) === '' ? [required('roleRef.name')] : [];
}

export function validateBindingUpdate(object: KubeObject, old: KubeObject): StatusCause[] {
  const { roleRef } = fields(object);
  return same(roleRef, fields(old).roleRef) ? [] : [invalid('roleRef', roleRef, 'cannot change roleRef')];
}

export function validateRole(object: KubeObject): StatusCause[] {
  const causes: StatusCause[] = [];
  objects(fields(object).rules).forEach((rule, index) => {
    const path = `rules[${index}]`;
    const empty = (field: string) => !Array.isArray(rule[field]) || rule[field].length === 0;
    if (empty('verbs')) causes.push(required(`${path}.verbs`, 'verbs must contain at least one value'));
    if (!empty('nonResourceURLs')) {
      if (object.metadata.namespace) {
        const detail = 'namespaced rules cannot apply to non-resource URLs';
        causes.push(invalid(`${path}.nonResourceURLs`, rule.nonResourceURLs, detail));
      }
      return;
    }
    if (empty('apiGroups')) {
      causes.push(required(`${path}.apiGroups`, 'resource rules must supply at least one api group'));
    }
    if (empty('resources')) {
      causes.push(required(`${path}.resources`, 'resource rules must supply at least one resource'));
    }
  });
  return causes;
}

/** Defaults of webhooks; mutating ones also say whether they want to look again. */
export function webhookDefaults(mutating: boolean) {
  const defaults = {
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
    reinvocationPolicy: mutating ? 'Never' : undefined,
    timeoutSeconds: 10,
  };
  return loosely(object =>
    onItems(object, 'webhooks', webhook => {
      const complete = onItems(withDefaults(webhook, defaults), 'rules', withScope);
      return withField(complete, 'clientConfig', config => withServicePort(config as JsonObject));
    }),
  );
}

function withScope(rule: JsonObject): JsonObject {
  return withDefaults(rule, { scope: '*' });
}

function withServicePort(holder: JsonObject): JsonObject {
  return withField(holder, 'service', service => withDefaults(service as JsonObject, { port: 443 }));
}

function matchDefaults(match: JsonValue): JsonObject {
  const complete = withDefaults(match as JsonObject, {
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
  });
  return onItems(complete, 'resourceRules', withScope);
}

export const policyDefaults = onSpec(spec =>
  withField(withDefaults(spec, { failurePolicy: 'Fail' }), 'matchConstraints', matchDefaults),
);
export const policyBindingDefaults = onSpec(spec => withField(spec, 'matchResources', matchDefaults));

export const apiServiceDefaults = onSpec(withServicePort);

export const definitionDefaults = onSpec(spec => {
  const named = withField(spec, 'names', value => {
    const names = value as JsonObject;
    const kind = text(names.kind);
    return kind === ''
      ? names
      : withDefaults(names, { listKind: `${kind}List`, singular: kind.toLowerCase() });
  });
  return withDefaults(named, { conversion: { strategy: 'None' } });
});

/** What a new CustomResourceDefinition says of itself before its names are accepted. */
export function prepareDefinition(object: KubeObject): KubeObject {
  const stored = objects(objectAt(object, 'spec').versions).find(version => version.storage === true);
  const storedVersions = stored ? [text(stored.name)] : [];
  return {
    ...object,
    status: { acceptedNames: { kind: '', plural: '' }, conditions: null, storedVersions },
  } as unknown as KubeObject;
}

export function validateDefinition(object: KubeObject): StatusCause[] {
  const spec = objectAt(object, 'spec');
  const plural = text(objectAt(spec, 'names').plural);
  const versions = objects(spec.versions);
  const causes: StatusCause[] = [];
  if (text(spec.group) === '') causes.push(required('spec.group'));
  if (plural === '') causes.push(required('spec.names.plural'));
  if (text(objectAt(spec, 'names').kind) === '') causes.push(required('spec.names.kind'));
  if (text(spec.scope) === '') causes.push(required('spec.scope'));
  if (object.metadata.name !== `${plural}.${text(spec.group)}`) {
    causes.push(invalid('metadata.name', object.metadata.name, 'must be spec.names.plural+"."+spec.group'));
  }
  if (versions.filter(version => version.storage === true).length !== 1) {
    causes.push(
      invalid('spec.versions', versions, 'must have exactly one version marked as storage version'),
    );
  }
  versions.forEach((version, index) => {
    if (!asObject(asObject(version.schema)?.openAPIV3Schema)) {
      causes.push(required(`spec.versions[${index}].schema.openAPIV3Schema`, 'schemas are required'));
    }
  });
  return causes;
}

export const priorityClassDefaults = loosely(object =>
  withDefaults(object, { preemptionPolicy: 'PreemptLowerPriority' }),
);

/** Priority classes carry a generation that never moves on. */
export function preparePriorityClass(object: KubeObject): KubeObject {
  return { ...object, metadata: { ...object.metadata, generation: 1 } };
}

export function validatePriorityClassUpdate(object: KubeObject, old: KubeObject): StatusCause[] {
  const now = fields(object);
  const before = fields(old);
  const causes: StatusCause[] = [];
  if (now.value !== before.value) causes.push(forbidden('value', 'may not be changed in an update.'));
  if (now.preemptionPolicy !== before.preemptionPolicy) {
    causes.push(invalid('preemptionPolicy', now.preemptionPolicy, IMMUTABLE));
  }
  return causes;
}

export const networkPolicyDefaults = onSpec(given => {
  const egress = Array.isArray(given.egress) && given.egress.length > 0;
  let spec = withDefaults(given, { policyTypes: egress ? ['Ingress', 'Egress'] : ['Ingress'] });
  for (const direction of ['ingress', 'egress']) {
    spec = onItems(spec, direction, rule =>
      onItems(rule, 'ports', port => withDefaults(port, { protocol: 'TCP' })),
    );
  }
  return spec;
});

export const ingressClassDefaults = onSpec(spec =>
  withField(spec, 'parameters', parameters => withDefaults(parameters as JsonObject, { scope: 'Cluster' })),
);

export const endpointSliceDefaults = loosely(object =>
  onItems(object, 'ports', port => withDefaults(port, { name: '', protocol: 'TCP' })),
);
