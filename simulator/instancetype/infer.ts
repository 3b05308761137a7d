import type { DataVolumeTemplate, Matcher, VirtualMachine } from '../types/kubevirt.ts';
import type { KubeObject } from '../types/meta.ts';
import {
  DATA_SOURCES,
  DATA_VOLUMES,
  type Fetched,
  fetchNamespaced,
  type Lookup,
  PERSISTENT_VOLUME_CLAIMS,
  VOLUME_SNAPSHOTS,
} from './lookup.ts';
import {
  DEFAULT_INSTANCETYPE_KIND_LABEL,
  DEFAULT_INSTANCETYPE_LABEL,
  DEFAULT_PREFERENCE_KIND_LABEL,
  DEFAULT_PREFERENCE_LABEL,
  type Role,
} from './names.ts';
import { withoutField } from './persistent.ts';

export type Inferred =
  | { readonly vm: VirtualMachine; readonly rejection?: undefined }
  | { readonly vm?: undefined; readonly rejection: { readonly code: 400; readonly message: string } };

/**
 * The VirtualMachine with `inferFromVolume` resolved, instancetype first (KubeVirt v1.9 pkg/instancetype/infer): names
 * and kinds come from labels on the volume, or on what the volume is made from. With the failure policy `Ignore` a
 * volume that says nothing drops the matcher, and success drops the template's own memory; a volume or object that
 * does not exist is refused under either policy.
 */
export function inferDefaults(vm: VirtualMachine, lookup: Lookup): Inferred {
  let result = vm;
  for (const role of ['instancetype', 'preference'] as const) {
    const inferred = inferRole(role, result, lookup);
    if (inferred.rejection) return inferred;
    result = inferred.vm;
  }
  return { vm: result };
}

interface LabelNames {
  readonly name: string;
  readonly kind: string;
}

const LABELS: Readonly<Record<Role, LabelNames>> = {
  instancetype: { name: DEFAULT_INSTANCETYPE_LABEL, kind: DEFAULT_INSTANCETYPE_KIND_LABEL },
  preference: { name: DEFAULT_PREFERENCE_LABEL, kind: DEFAULT_PREFERENCE_KIND_LABEL },
};

function inferRole(role: Role, vm: VirtualMachine, lookup: Lookup): Inferred {
  const matcher = vm.spec[role];
  if (!matcher?.inferFromVolume) return { vm };
  const ignores = matcher.inferFromVolumeFailurePolicy === 'Ignore';
  const guess = new Inference(vm, lookup, LABELS[role]).fromVolume(matcher.inferFromVolume);
  if (guess.error !== undefined) {
    if (!guess.ignorable || !ignores) return { rejection: { code: 400, message: guess.error } };
    return { vm: { ...vm, spec: withoutField(vm.spec, role) } };
  }
  const { template } = vm.spec;
  // The user's memory was the fallback, and would conflict with the instancetype now found.
  const spec =
    ignores && role === 'instancetype'
      ? { ...template.spec, domain: withoutField(template.spec.domain, 'memory') }
      : template.spec;
  return { vm: { ...vm, spec: { ...vm.spec, template: { ...template, spec }, [role]: guess.matcher } } };
}

type Guess =
  | { readonly matcher: Matcher; readonly error?: undefined }
  | { readonly error: string; readonly ignorable: boolean };

interface Reference {
  name?: string;
  namespace?: string;
}
interface DataVolumeSpec {
  source?: { pvc?: Reference; snapshot?: Reference };
  sourceRef?: Reference & { kind?: string };
}

/** One walk from a volume to the labels that describe it. */
class Inference {
  readonly #vm: VirtualMachine;
  readonly #lookup: Lookup;
  readonly #labels: LabelNames;

  constructor(vm: VirtualMachine, lookup: Lookup, labels: LabelNames) {
    this.#vm = vm;
    this.#lookup = lookup;
    this.#labels = labels;
  }

  fromVolume(name: string): Guess {
    const volume = this.#vm.spec.template.spec.volumes?.find(candidate => candidate.name === name);
    if (!volume) return { error: `unable to find volume ${name} to infer defaults`, ignorable: false };
    if (volume.persistentVolumeClaim)
      return this.#fromClaim(this.#local(volume.persistentVolumeClaim.claimName));
    if (volume.dataVolume) return this.#fromDataVolume(volume.dataVolume.name);
    return ignorable(`unable to infer defaults from volume ${name} as type is not supported`);
  }

  #fromDataVolume(name: string): Guess {
    const template = this.#vm.spec.dataVolumeTemplates?.find(({ metadata }) => metadata.name === name);
    if (template) return this.#fromDataVolumeSpec(template.spec);
    const fetched = this.#fetch(DATA_VOLUMES, this.#local(name));
    if (!fetched.object) {
      // A DataVolume may have been collected once it was filled; its claim has the same name.
      return fetched.notFound ? this.#fromClaim(this.#local(name)) : unreadable(fetched.error);
    }
    const labelled = this.#fromLabels(fetched.object);
    if (labelled.error === undefined) return labelled;
    return this.#fromDataVolumeSpec(
      (fetched.object as KubeObject & { spec?: DataVolumeTemplate['spec'] }).spec,
    );
  }

  #fromDataVolumeSpec(spec: DataVolumeTemplate['spec'] | undefined): Guess {
    const { source, sourceRef } = (spec ?? {}) as DataVolumeSpec;
    if (source?.pvc) return this.#fromClaim(source.pvc);
    if (source?.snapshot) return this.#fromSnapshot(source.snapshot);
    if (!sourceRef) {
      return ignorable('unable to infer defaults from DataVolumeSpec as DataVolumeSource is not supported');
    }
    if (sourceRef.kind === 'DataSource') return this.#fromDataSource(sourceRef);
    const kind = sourceRef.kind ?? '';
    return ignorable(`unable to infer defaults from DataVolumeSourceRef as Kind ${kind} is not supported`);
  }

  #fromDataSource({ name, namespace = this.#vm.metadata.namespace }: Reference): Guess {
    const fetched = this.#fetch(DATA_SOURCES, { name, namespace });
    if (!fetched.object) return unreadable(fetched.error);
    const labelled = this.#fromLabels(fetched.object);
    if (labelled.error === undefined) return labelled;
    const source = (fetched.object as KubeObject & { spec?: DataVolumeSpec }).spec?.source;
    if (source?.pvc) return this.#fromClaim(source.pvc);
    if (source?.snapshot) return this.#fromSnapshot(source.snapshot);
    return ignorable(
      "unable to infer defaults from DataSource that doesn't provide DataVolumeSourcePVC or DataVolumeSourceSnapshot",
    );
  }

  #fromClaim(reference: Reference): Guess {
    const fetched = this.#fetch(PERSISTENT_VOLUME_CLAIMS, reference);
    return fetched.object ? this.#fromLabels(fetched.object) : unreadable(fetched.error);
  }

  #fromSnapshot(reference: Reference): Guess {
    const fetched = this.#fetch(VOLUME_SNAPSHOTS, reference);
    return fetched.object ? this.#fromLabels(fetched.object) : unreadable(fetched.error);
  }

  #fromLabels({ metadata: { labels } }: KubeObject): Guess {
    const name = labels?.[this.#labels.name];
    if (name === undefined)
      return ignorable(`unable to find required ${this.#labels.name} label on the volume`);
    const kind = labels?.[this.#labels.kind];
    return { matcher: { ...(name && { name }), ...(kind && { kind }) } };
  }

  #fetch(resource: string, { name = '', namespace }: Reference): Fetched<KubeObject> {
    return fetchNamespaced<KubeObject>(this.#lookup, resource, namespace, name);
  }

  #local(name: string): Reference {
    return { name, namespace: this.#vm.metadata.namespace };
  }
}

function ignorable(error: string): Guess {
  return { error, ignorable: true };
}

function unreadable(error: string): Guess {
  return { error, ignorable: false };
}
