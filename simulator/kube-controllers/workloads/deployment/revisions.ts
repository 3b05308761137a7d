/** A deployment's replica sets: which is the new one, and what their annotations say (kubernetes pkg/controller/deployment/util). */
import { same } from '../../../store/index.ts';
import { byCreation } from '../pods.ts';
import type { Deployment, PodTemplate, ReplicaSet } from '../types.ts';

const PREFIX = 'deployment.kubernetes.io/';
export const REVISION = `${PREFIX}revision`;
const REVISION_HISTORY = `${PREFIX}revision-history`;
export const DESIRED_REPLICAS = `${PREFIX}desired-replicas`;
export const MAX_REPLICAS = `${PREFIX}max-replicas`;
export const HASH_LABEL = 'pod-template-hash';
/** The list of old revisions is cut to so many characters. */
const LONGEST_HISTORY = 2_000;

/** Annotations of a deployment that its replica sets do not take over. */
const NOT_COPIED = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  'deprecated.deployment.rollback.to',
]);

type Annotations = Record<string, string>;

export function revisionOf({ metadata }: ReplicaSet): number {
  return Number.parseInt(metadata.annotations?.[REVISION] ?? '0', 10) || 0;
}

/** The replica set that has the deployment's template; the oldest where there are several. */
export function findNew(deployment: Deployment, sets: readonly ReplicaSet[]): ReplicaSet | undefined {
  return [...sets].sort(byCreation).find(set => sameTemplate(set.spec.template, deployment.spec.template));
}

/** Whether templates are equal but for the hash that a replica set's carries. */
export function sameTemplate(a: PodTemplate, b: PodTemplate): boolean {
  return same(a.spec, b.spec) && same(withoutHash(a), withoutHash(b));
}

function withoutHash({ metadata }: PodTemplate) {
  const { [HASH_LABEL]: _, ...labels } = metadata?.labels ?? {};
  const { creationTimestamp: _created, ...rest } = (metadata ?? {}) as Record<string, unknown>;
  return { ...rest, labels };
}

/** The revision that the deployment's template has or gets: one more than the newest of the others. */
export function nextRevision(others: readonly ReplicaSet[]): number {
  return Math.max(0, ...others.map(revisionOf)) + 1;
}

/** What the new replica set's annotations should be; the same reference when they are. */
export function newAnnotations(
  deployment: Deployment,
  existing: Annotations | undefined,
  revision: number,
): Annotations {
  const current = existing ?? {};
  let next = current;
  const set = (name: string, value: string) => {
    if (next[name] === value) return;
    if (next === current) next = { ...current };
    next[name] = value;
  };
  for (const [name, value] of Object.entries(deployment.metadata.annotations ?? {})) {
    if (!NOT_COPIED.has(name)) set(name, value);
  }
  const old = current[REVISION];
  if (old === undefined || (Number.parseInt(old, 10) || 0) < revision) {
    set(REVISION, String(revision));
    // Going back to a template keeps the number it had among the old ones.
    if (old !== undefined) set(REVISION_HISTORY, history(current[REVISION_HISTORY], old));
  }
  return next;
}

function history(known: string | undefined, revision: string): string {
  const list = known ? known.split(',') : [];
  list.push(revision);
  while (list.length > 1 && list.join(',').length > LONGEST_HISTORY) list.shift();
  return list.join(',');
}
