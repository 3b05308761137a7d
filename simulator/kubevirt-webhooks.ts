/** KubeVirt's webhooks as admission plug-ins: what kube-apiserver does around a call to them (Kubernetes 1.35). */
import {
  type AdmissionRequest,
  type Denial,
  type Webhook,
  deny,
  kubevirtWebhooks,
} from './admission/index.ts';
import {
  type AdmissionAttributes,
  type AdmissionPlugin,
  ApiError,
  withZeroValues,
} from './apiserver/index.ts';
import { effectiveConfig } from './kubevirt-config/index.ts';
import { kubeVirts } from './resources/refs.ts';
import { type FieldError, decodeErrors, schemaFor, validateObject } from './schemas/index.ts';
import type { KubeObject, StatusCause } from './types/meta.ts';

/** How the pattern of quantities begins, in the words of a violated pattern. */
const QUANTITY_PATTERN = "should match '^(\\+|-)?(([0-9]+";

/** Mutating webhooks first, as the table lists them. */
export function kubevirtAdmission(): AdmissionPlugin[] {
  return kubevirtWebhooks.map(asPlugin);
}

function asPlugin(webhook: Webhook): AdmissionPlugin {
  const plugin: AdmissionPlugin = {
    name: webhook.name,
    resources: webhook.resources,
    operations: webhook.operations,
    ...(webhook.subresource === undefined ? {} : { subresources: [webhook.subresource] }),
  };
  if (webhook.kind === 'Mutating') {
    return {
      ...plugin,
      mutate: attributes => {
        const object = decoded(webhook, attributes);
        const seen = object === attributes.object ? attributes : { ...attributes, object };
        return call(webhook, seen) ?? (object as KubeObject);
      },
    };
  }
  return {
    ...plugin,
    validate: attributes => {
      call(webhook, attributes);
    },
  };
}

function call(webhook: Webhook, attributes: AdmissionAttributes): AdmissionAttributes['object'] {
  if (webhook.namePrefix !== undefined && !attributes.name.startsWith(webhook.namePrefix))
    return attributes.object;
  const result = webhook.call(requestOf(attributes));
  if (!result.allowed) throw refusal(webhook, result.denial);
  for (const warning of result.warnings ?? []) attributes.warn(warning);
  return result.object ?? attributes.object;
}

/**
 * Mutating webhooks see a custom resource before its schema is looked at, and virt-api reads it into Go structs. The
 * objects of KubeVirt's own components fit them.
 * @throws ApiError 422 for what KubeVirt's own OpenAPI document does not allow, 400 for what fits no struct.
 */
function decoded(
  webhook: Webhook,
  { definition, object, trusted, version }: AdmissionAttributes,
): KubeObject | undefined {
  const { group, kind } = definition;
  const schema = trusted || object === undefined ? undefined : schemaFor(group, version, kind);
  if (schema === undefined) return object;
  // Amounts have a pattern in the CustomResourceDefinition only; here they fail when they are decoded.
  const errors = validateObject(schema, object).filter(({ message }) => !message.includes(QUANTITY_PATTERN));
  if (errors.length > 0) throw refusal(webhook, deny(errors.map(asCause)));
  const [message] = decodeErrors(schema, kind, object);
  if (message !== undefined) throw refusal(webhook, { message, code: 400 });
  return withZeroValues(object, schema);
}

/** go-openapi's words: the path is part of the message, and there is no field. */
function asCause({ field, message }: FieldError): StatusCause {
  if (message.startsWith('Required value')) return { message: `${field} in body is required` };
  const supported = /^Unsupported value: .*?: supported values: (.*)$/.exec(message)?.[1];
  if (supported !== undefined) {
    return { message: `${field} in body should be one of [${supported.replaceAll(/"|,/g, '')}]` };
  }
  return { message: message.replace(/^Invalid value: .*?: (?=\S+ in body)/, '') };
}

function requestOf(attributes: AdmissionAttributes): AdmissionRequest {
  const { view, random } = attributes;
  return {
    operation: attributes.operation as AdmissionRequest['operation'],
    resource: attributes.resource,
    subresource: attributes.subresource,
    namespace: attributes.namespace,
    name: attributes.name,
    object: attributes.object,
    oldObject: attributes.oldObject,
    user: attributes.user,
    dryRun: attributes.dryRun,
    config: effectiveConfig(view.list(kubeVirts)[0]),
    lookup: {
      get: (resource, namespace, name) => view.find(resource, namespace, name),
      list: (resource, namespace) =>
        view.list({ resource, apiVersion: '', kind: '', namespaced: true }, namespace),
    },
    now: view.now,
    random: { uuid: () => random.uuid(), alphanumeric: length => random.alphanumeric(length) },
  };
}

/** The API server passes code, reason and causes on, and puts the webhook's name before the message. */
function refusal(webhook: Webhook, denial: Denial): ApiError {
  return new ApiError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `admission webhook "${webhook.name}" denied the request: ${denial.message}`,
    ...(denial.reason === undefined ? {} : { reason: denial.reason }),
    ...(denial.details === undefined ? {} : { details: { causes: [...denial.details.causes] } }),
    code: denial.code,
  });
}
