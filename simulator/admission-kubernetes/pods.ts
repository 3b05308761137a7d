/** What plug-ins for pods share. */
import {
  type AdmissionAttributes,
  type ApiError,
  type AdmissionPlugin,
  forbidden,
} from '../apiserver/index.ts';
import type { Pod, PodSpec } from '../types/core.ts';

export const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror';

/** A plug-in for new pods. */
export function onNewPods(name: string, mutate: AdmissionPlugin['mutate']): AdmissionPlugin {
  return { name, resources: ['pods'], operations: ['CREATE'], mutate };
}

export function podOf({ object }: AdmissionAttributes): Pod {
  return object as Pod;
}

export function withSpec(pod: Pod, changes: Partial<PodSpec>): Pod {
  return { ...pod, spec: { ...pod.spec, ...changes } };
}

/** 403 as admission says it: `pods "x" is forbidden: …`, by the base of the name where it is yet to be generated. */
export function denied({ definition, object, oldObject, name }: AdmissionAttributes, why: string): ApiError {
  const metadata = (object ?? oldObject)?.metadata;
  return forbidden(definition, metadata?.name || metadata?.generateName || name || 'Unknown', why);
}
