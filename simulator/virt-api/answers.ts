/** How virt-api answers: empty bodies, its own Status texts, and objects (KubeVirt v1.9 pkg/virt-api/rest). */
import {
  ApiError,
  type ApiRequest,
  type ApiResponse,
  type ApiServerContext,
  type Origin,
  badRequest,
  conflict,
  internalError,
  notFound,
  updateObject,
} from '../apiserver/index.ts';
import { objectKey } from '../resources/definition.ts';
import { virtualMachineInstances, virtualMachines } from '../resources/refs.ts';
import type { VirtualMachine, VirtualMachineInstance } from '../types/kubevirt.ts';
import type { JsonObject, JsonValue, KubeObject } from '../types/meta.ts';
import { serviceAccountUser } from '../controller.ts';

export const GROUP = 'subresources.kubevirt.io';
/** virt-api names the kinds where other servers name the resources. */
const VM = { group: 'kubevirt.io', plural: 'virtualmachine' };
const VMI = { group: 'kubevirt.io', plural: 'virtualmachineinstance' };
const NO_WARNINGS: readonly string[] = [];

export function accepted(): ApiResponse {
  return { type: 'raw', code: 202, value: undefined, warnings: NO_WARNINGS };
}

export function done(): ApiResponse {
  return { type: 'raw', code: 200, value: undefined, warnings: NO_WARNINGS };
}

export function json(value: JsonValue): ApiResponse {
  return { type: 'raw', code: 200, value, warnings: NO_WARNINGS };
}

export function vmConflict(name: string, message: string): ApiError {
  return conflict(VM, name, message);
}

export function vmiConflict(name: string, message: string): ApiError {
  return conflict(VMI, name, message);
}

/** @throws ApiError 404 with virt-api's text. */
export function fetchVm(context: ApiServerContext, request: ApiRequest): VirtualMachine {
  const vm = context.view.get(virtualMachines, request.namespace, request.name ?? '');
  if (!vm) throw notFound(VM, request.name ?? '');
  return vm;
}

/** @throws ApiError 404 with virt-api's text. */
export function fetchVmi(context: ApiServerContext, request: ApiRequest): VirtualMachineInstance {
  const vmi = findVmi(context, request);
  if (!vmi) throw notFound(VMI, request.name ?? '');
  return vmi;
}

export function findVmi(context: ApiServerContext, request: ApiRequest): VirtualMachineInstance | undefined {
  return context.view.get(virtualMachineInstances, request.namespace, request.name ?? '');
}

/**
 * The options in the body; an empty body is no options.
 * @throws ApiError 400 for a body that is no JSON object.
 */
export function optionsOf(request: ApiRequest): JsonObject {
  const { body } = request;
  if (body === undefined || body === null) return {};
  if (typeof body !== 'object' || Array.isArray(body)) {
    throw badRequest(
      `Can not unmarshal Request body to struct, error: json: cannot unmarshal ${Array.isArray(body) ? 'array' : typeof body} into Go value`,
    );
  }
  return body;
}

export function isDryRun(options: JsonObject): boolean {
  return Array.isArray(options.dryRun) && options.dryRun.includes('All');
}

/** A whole number among the options, or undefined. */
export function numberOf(options: JsonObject, field: string): number | undefined {
  const value = options[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number') {
    throw badRequest(
      `Can not unmarshal Request body to struct, error: json: cannot unmarshal ${typeof value} into Go struct field .${field} of type int64`,
    );
  }
  return value;
}

/** virt-api writes with its own account; the journal says on whose behalf. */
function originOf(request: ApiRequest): Origin {
  return {
    author: 'virt-api',
    cause: {
      text: `request ${request.user.username}: PUT ${request.resource}/${request.subresource ?? ''} ${request.namespace}/${request.name}`,
      revision: 0,
    },
    user: serviceAccountUser('kubevirt', 'kubevirt-apiserver'),
    trusted: true,
  };
}

/**
 * Changes an object as virt-api's patches do.
 * @throws ApiError 500 around whatever the API refused the patch with.
 */
export function patch<T extends KubeObject>(
  context: ApiServerContext,
  request: ApiRequest,
  object: T,
  recipe: (draft: T) => void,
  options: { subresource?: 'status'; dryRun: boolean },
): void {
  const definition = context.registry.byKind(object.apiVersion.split('/')[0] ?? '', object.kind);
  if (!definition) throw internalError(`nobody serves ${object.kind}`);
  const key = objectKey(object.metadata.namespace, object.metadata.name);
  try {
    updateObject(context, definition, key, recipe as (draft: KubeObject) => void, originOf(request), options);
  } catch (error) {
    if (error instanceof ApiError) throw internalError(error.status.message ?? '');
    throw error;
  }
}
