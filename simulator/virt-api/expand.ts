/** expand-spec and expand-vm-spec (KubeVirt v1.9 pkg/virt-api/rest/expand.go). */
import { withDefaultVmiSpec } from '../admission/index.ts';
import {
  type ApiRequest,
  type ApiResponse,
  type ApiServerContext,
  badRequest,
  internalError,
} from '../apiserver/index.ts';
import { expandVirtualMachine } from '../instancetype/index.ts';
import { effectiveConfig } from '../kubevirt-config/index.ts';
import { kubeVirts } from '../resources/refs.ts';
import { schemaFor, validateObject } from '../schemas/index.ts';
import type { VirtualMachine } from '../types/kubevirt.ts';
import type { JsonObject, JsonValue } from '../types/meta.ts';
import { fetchVm, json } from './answers.ts';

/** The stored VM with everything its references stand for written out. Any failure is a 500. */
export function expandSpec(context: ApiServerContext, request: ApiRequest): ApiResponse {
  const expanded = expand(context, fetchVm(context, request));
  if (expanded.error !== undefined) throw internalError(expanded.error);
  return json(expanded.vm as unknown as JsonValue);
}

/** The same for a VM that is in the body only. Any failure is a 400. */
export function expandVmSpec(context: ApiServerContext, request: ApiRequest): ApiResponse {
  const { body, namespace } = request;
  if (body === undefined || body === null) throw badRequest('empty request body');
  if (typeof body !== 'object' || Array.isArray(body)) {
    throw badRequest(
      'Can not unmarshal Request body to struct, error: json: cannot unmarshal into Go value of type map[string]interface {}',
    );
  }
  refuseInvalid(body);
  if (!namespace) throw badRequest('The request namespace must not be empty');
  const vm = body as unknown as VirtualMachine;
  if (vm.metadata?.namespace && vm.metadata.namespace !== namespace) {
    throw badRequest(`VM namespace must be empty or ${namespace}`);
  }
  const expanded = expand(context, { ...vm, metadata: { ...vm.metadata, namespace } });
  if (expanded.error !== undefined) throw badRequest(expanded.error);
  return json(expanded.vm as unknown as JsonValue);
}

function refuseInvalid(body: JsonObject): void {
  const schema = schemaFor('kubevirt.io', 'v1', 'VirtualMachine');
  const errors = schema ? validateObject(schema, body) : [];
  const causes = errors.map(({ field, message }) => ({ message: `${field}: ${message}` }));
  if (body.kind !== 'VirtualMachine' || causes.length > 0) {
    const error = badRequest('Object is not a valid VirtualMachine');
    error.status.details = { causes };
    throw error;
  }
}

function expand(context: ApiServerContext, vm: VirtualMachine): ReturnType<typeof expandVirtualMachine> {
  const config = effectiveConfig(context.view.list(kubeVirts)[0]);
  return expandVirtualMachine(
    vm,
    { get: (resource, namespace, name) => context.view.find(resource, namespace, name) },
    {
      network: config.network,
      applyDefaults: spec => withDefaultVmiSpec(spec, config).value ?? spec,
    },
  );
}
