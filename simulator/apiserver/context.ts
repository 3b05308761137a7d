/** What the request pipeline works with. The cluster supplies it; every function of this area takes it first. */
import type { View } from '../controller.ts';
import type { Random } from '../clock/index.ts';
import type { ResourceDefinition, ResourceName, ResourceRegistry } from '../resources/definition.ts';

import type { Cause, JournalEntry, Store, WriteType } from '../store/index.ts';
import type { KubeObject, Millis, NewObject, UserInfo } from '../types/meta.ts';
import type { ApiRequest, ApiResponse, WatchRequest } from './request.ts';
import type { SchemaSource } from './schema-gate.ts';

export type { ResourceRegistry };

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

export interface AdmissionAttributes {
  readonly operation: Operation;
  readonly definition: ResourceDefinition;
  readonly resource: ResourceName;
  readonly version: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name: string;
  /** The object as it would be stored; for DELETE undefined. */
  readonly object?: KubeObject;
  readonly oldObject?: KubeObject;
  readonly user: UserInfo;
  /** A component of the cluster writes, not a client. */
  readonly trusted: boolean;
  readonly dryRun: boolean;
  readonly view: View;
  readonly random: Random;
  /** Adds a Warning header to the answer. */
  readonly warn: (text: string) => void;
}

/** One admission plug-in or webhook. Refusals are thrown as ApiError. */
export interface AdmissionPlugin {
  readonly name: string;
  /** Resources it looks at; undefined: all. */
  readonly resources?: readonly ResourceName[];
  /** Operations it looks at. */
  readonly operations: readonly Operation[];
  /** Subresources it looks at besides the main resource: `status`, `eviction`. Default: only the main resource. */
  readonly subresources?: readonly string[];
  /** Returns the object to go on with; the same reference when nothing changes. */
  mutate?(attributes: AdmissionAttributes): KubeObject;
  validate?(attributes: AdmissionAttributes): void;
}

/**
 * A subresource with an effect of its own: `virtualmachines/start`, `pods/eviction`, `pods/binding`,
 * `serviceaccounts/token`. Streams (console, exec) are not among them: their protocol belongs to the API.
 */
export interface SubresourceHandler {
  readonly group: string;
  /** Plural, or undefined for a namespaced or cluster-level path without resource, such as `expand-vm-spec`. */
  readonly resource: string;
  readonly subresource: string;
  readonly verbs: readonly ApiRequest['verb'][];
  handle(context: ApiServerContext, request: ApiRequest): ApiResponse;
}

/**
 * A kind that is asked and never stored: reviews of tokens and access. Only `create` is served; the answer is the
 * object with its status. Its definition is for decoding, discovery and OpenAPI, and is in no registry.
 */
export interface VirtualResource {
  readonly definition: ResourceDefinition;
  /** @throws ApiError for what cannot be answered. */
  create(context: ApiServerContext, request: ApiRequest, object: NewObject): KubeObject;
}

/** A request as authorisation looks at it; streams (exec, console) are asked about with the verb of their method. */
export type AuthorizedRequest = Pick<
  ApiRequest,
  'verb' | 'group' | 'version' | 'resource' | 'subresource' | 'namespace' | 'name' | 'user' | 'options'
>;

/** Decides who may do what. The answer to what may not be; undefined for what may. */
export interface Authorizer {
  /** A request on resources; one without verb is a watch. */
  request(
    context: ApiServerContext,
    request: ApiRequest | WatchRequest | AuthorizedRequest,
  ): ApiResponse | undefined;
  /** A path that is no resource, such as `/metrics`, by its method in lower case. */
  path(context: ApiServerContext, user: UserInfo, verb: string, path: string): ApiResponse | undefined;
}

/** Where an answer's writes come from: whose they are and why they happened. */
export interface Origin {
  readonly author: string;
  readonly cause: Cause;
  readonly user: UserInfo;
  /** Components of the cluster are trusted: their objects skip schema validation, never admission. */
  readonly trusted: boolean;
}

export interface ApiServerContext {
  readonly store: Store;
  readonly now: Millis;
  readonly random: Random;
  readonly view: View;
  readonly registry: ResourceRegistry;
  readonly admission: readonly AdmissionPlugin[];
  readonly subresources: readonly SubresourceHandler[];
  /** Kinds that are answered and never stored. */
  readonly virtualResources?: readonly VirtualResource[];
  /** Without one, everybody may do everything. */
  readonly authorizer?: Authorizer;
  /** Schemas of the served kinds; by default the generated ones. */
  readonly schemas?: SchemaSource;
  /** Stores one object (at the next revision) and wakes the controllers that look at its resource. */
  commit(type: WriteType, resource: ResourceName, object: KubeObject, origin: Origin): JournalEntry;
}
