/** KubeVirt's webhooks as admission plug-ins: what kube-apiserver does around a call to them (Kubernetes 1.35). */
import { type AdmissionRequest, type Denial, type Webhook, kubevirtWebhooks } from './admission/index.ts';
import { type AdmissionAttributes, type AdmissionPlugin, ApiError } from './apiserver/index.ts';
import { effectiveConfig } from './kubevirt-config/index.ts';
import { kubeVirts } from './resources/refs.ts';

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
    return { ...plugin, mutate: attributes => call(webhook, attributes) ?? attributes.object! };
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
