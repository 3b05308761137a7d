import type { ControllerRevision } from '../types/core.ts';
import type { Instancetype, Preference, VirtualMachine } from '../types/kubevirt.ts';
import type { JsonValue, NewObject } from '../types/meta.ts';
import {
  API_VERSION,
  LATEST_VERSION,
  OBJECT_GENERATION_LABEL,
  OBJECT_KIND_LABEL,
  OBJECT_NAME_LABEL,
  OBJECT_UID_LABEL,
  OBJECT_VERSION_LABEL,
} from './names.ts';
import { decodeRevision } from './stored-object.ts';
import { semanticallyEqual, typedInstancetypeSpec, typedPreferenceSpec } from './stored-spec.ts';

/** The name of the ControllerRevision that keeps a VirtualMachine's copy of an instancetype or preference. */
export function revisionName(vmName: string, object: Instancetype | Preference): string {
  const { name, uid, generation = 0 } = object.metadata;
  return `${vmName}-${name}-${LATEST_VERSION}-${uid}-${generation}`;
}

/**
 * The ControllerRevision that keeps a VirtualMachine's copy (KubeVirt v1.9 pkg/instancetype/revision/store.go). `data`
 * is the whole object less its labels, annotations, finalizers, owners and managed fields.
 */
export function makeRevision(
  vm: VirtualMachine,
  object: Instancetype | Preference,
): NewObject<ControllerRevision> {
  const {
    labels: _labels,
    annotations: _annotations,
    finalizers: _finalizers,
    ownerReferences: _owners,
    managedFields: _fields,
    ...metadata
  } = object.metadata;
  const data = { apiVersion: API_VERSION, kind: object.kind, metadata, spec: typedSpec(object) };
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: revisionName(vm.metadata.name, object),
      namespace: vm.metadata.namespace,
      labels: {
        [OBJECT_GENERATION_LABEL]: String(metadata.generation ?? 0),
        [OBJECT_KIND_LABEL]: object.kind,
        [OBJECT_NAME_LABEL]: metadata.name,
        [OBJECT_UID_LABEL]: metadata.uid,
        [OBJECT_VERSION_LABEL]: LATEST_VERSION,
      },
      ownerReferences: [
        {
          apiVersion: 'kubevirt.io/v1',
          kind: 'VirtualMachine',
          name: vm.metadata.name,
          uid: vm.metadata.uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    data: data as unknown as JsonValue,
    revision: 0,
  };
}

/**
 * Why a ControllerRevision that already has the wanted name cannot serve in its place, if so
 * (KubeVirt v1.9 pkg/instancetype/revision/compare.go).
 */
export function revisionMismatch(
  wanted: NewObject<ControllerRevision>,
  existing: ControllerRevision,
): string | undefined {
  const a = decodeRevision(wanted as ControllerRevision);
  if (!a.object) return a.error;
  const b = decodeRevision(existing);
  if (!b.object) return b.error;
  const sameType = isPreference(a.object) === isPreference(b.object);
  if (sameType && semanticallyEqual(typedSpec(a.object), typedSpec(b.object))) return undefined;
  return `found existing ControllerRevision with unexpected data: ${wanted.metadata.name}`;
}

/** Whether a ControllerRevision is labelled as holding the latest version of its object. */
export function isLatestRevision(revision: ControllerRevision): boolean {
  return revision.metadata.labels?.[OBJECT_VERSION_LABEL] === LATEST_VERSION;
}

function isPreference(object: Instancetype | Preference): object is Preference {
  return object.kind.endsWith('Preference');
}

function typedSpec(object: Instancetype | Preference): Instancetype['spec'] | Preference['spec'] {
  return isPreference(object)
    ? typedPreferenceSpec(object.spec)
    : typedInstancetypeSpec((object as Instancetype).spec);
}
