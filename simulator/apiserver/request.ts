/** A decoded request and its answer: the only way into a cluster, for HTTP, scenarios, tests and the page alike. */
import type { Verb } from '../resources/definition.ts';
import type { JsonValue, KubeObject, Status, UserInfo } from '../types/meta.ts';

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

export interface RequestOptions {
  dryRun?: boolean;
  fieldManager?: string;
  fieldValidation?: 'Ignore' | 'Warn' | 'Strict';
  labelSelector?: string;
  fieldSelector?: string;
  limit?: number;
  continue?: string;
  resourceVersion?: string;
  resourceVersionMatch?: 'Exact' | 'NotOlderThan';
  /** Only for apply patches: take over fields that others own. */
  force?: boolean;
  // Watches.
  allowWatchBookmarks?: boolean;
  sendInitialEvents?: boolean;
  // Deletes; a DeleteOptions body wins over these.
  gracePeriodSeconds?: number;
  propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
  preconditions?: { uid?: string; resourceVersion?: string };
}

export interface ApiRequest {
  verb: Exclude<Verb, 'watch'>;
  group: string;
  version: string;
  /** Plural: `virtualmachines`. */
  resource: string;
  subresource?: string;
  namespace?: string;
  name?: string;
  /** The decoded body; for a patch its document (a list of operations for JSON patch). */
  body?: JsonValue;
  patchType?: PatchType;
  user: UserInfo;
  options?: RequestOptions;
  /** What the decoder found wrong but could read past: `duplicate field "spec.replicas"`. */
  decodingErrors?: readonly string[];
  /** The client's User-Agent; its first word names the field manager when no other is given. */
  userAgent?: string;
}

/** A page of objects as they were at one revision. The wire adds kind and apiVersion. */
export interface ObjectList {
  /** `v1`, `kubevirt.io/v1`: of the request's version. */
  apiVersion: string;
  /** `PodList`. */
  kind: string;
  items: readonly KubeObject[];
  resourceVersion: string;
  continue?: string;
  remainingItemCount?: number;
}

export type ApiResponse =
  | { type: 'object'; code: number; object: KubeObject; warnings: readonly string[] }
  | { type: 'list'; code: number; list: ObjectList; warnings: readonly string[] }
  | { type: 'status'; code: number; status: Status; warnings: readonly string[] }
  /** Answers of aggregated APIs that are no Kubernetes objects; an empty body where `value` is undefined. */
  | { type: 'raw'; code: number; value: JsonValue | undefined; warnings: readonly string[] };

export interface WatchRequest {
  group: string;
  version: string;
  resource: string;
  namespace?: string;
  user: UserInfo;
  options?: RequestOptions;
}

export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';

export interface WatchEvent {
  type: WatchEventType;
  /** In the request's version. For BOOKMARK only kind, apiVersion, metadata.resourceVersion and annotations. */
  object: KubeObject;
}
