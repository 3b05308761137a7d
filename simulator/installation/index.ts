/**
 * What an installed cluster contains before anybody uses it: Kubernetes v1.35 as kubeadm leaves it, KubeVirt v1.9,
 * virt-template v0.2.2, CDI v1.66, Ceph-like and node-local storage. Objects are data in the order of their creation.
 * Left out: nodes (they come from hardware profiles), what controllers make for every namespace, static control-plane
 * pods, Prometheus and OpenShift objects, real certificates, the gated synchronization controller.
 */
import { commonInstancetypes, commonPreferences } from '../instancetype/index.ts';
import type { JsonObject, Millis, NewObject } from '../types/meta.ts';
import { apiServiceSteps, definitionSteps, type SchemaOf } from './apis.ts';
import { cdiResources } from './cdi.ts';
import { CDI_WORKLOADS, cdiSupport } from './cdi-components.ts';
import {
  CORE_DNS,
  kubeProxy,
  namespaceStep,
  nodeLease,
  priorityClassStep,
  SYSTEM_PRIORITIES,
  serviceAccountStep,
  systemServices,
} from './kubernetes.ts';
import {
  disruptionBudget,
  kubevirtCertificates,
  kubevirtLeases,
  kubevirtNetworkPolicies,
  kubevirtResource,
  kubevirtServiceAccounts,
  kubevirtServices,
} from './kubevirt.ts';
import {
  VIRT_API,
  VIRT_CONTROLLER,
  VIRT_EXPORTPROXY,
  VIRT_HANDLER,
  VIRT_OPERATOR,
} from './kubevirt-components.ts';
import { policySteps } from './policies.ts';
import { bindingObject, type BindingText, type RoleText, roleObject } from './rbac.ts';
import { CDI_CLUSTER_ROLE_BINDINGS, CDI_CLUSTER_ROLES, CDI_ROLE_BINDINGS, CDI_ROLES } from './rbac-cdi.ts';
import {
  KUBERNETES_CLUSTER_ROLE_BINDINGS,
  KUBERNETES_CLUSTER_ROLES,
  KUBERNETES_ROLES,
} from './rbac-kubernetes.ts';
import {
  KUBEVIRT_CLUSTER_ROLE_BINDINGS,
  KUBEVIRT_CLUSTER_ROLES,
  KUBEVIRT_ROLE_BINDINGS,
  KUBEVIRT_ROLES,
} from './rbac-kubevirt.ts';
import {
  OPERATOR_BINDINGS,
  OPERATOR_CLUSTER_BINDINGS,
  OPERATOR_CLUSTER_ROLES,
  OPERATOR_ROLES,
} from './rbac-operators.ts';
import { type InstallationStep, step } from './step.ts';
import { storageSteps } from './storage.ts';
import { TEMPLATE_APISERVER, TEMPLATE_CONTROLLER } from './template-components.ts';
import { webhookConfigurations } from './webhooks.ts';
import { daemonSet, deployment, type InstalledNode, type Workload } from './workload.ts';

export interface InstallationOptions {
  /** The cluster's nodes; their objects exist already. */
  readonly nodes: readonly InstalledNode[];
  /** `v1.35.0`. */
  readonly kubernetesVersion: string;
  readonly now: Millis;
  /** `spec.configuration` of the KubeVirt resource. */
  readonly configuration?: JsonObject;
  /** Schemas for the CustomResourceDefinitions; kinds without one keep every field. */
  readonly schemaOf?: SchemaOf;
}

/** Every object of an installed cluster, in an order in which each owner and namespace comes before what needs it. */
export function installation(options: InstallationOptions): InstallationStep[] {
  const { nodes, kubernetesVersion, now } = options;
  const running = (workload: Workload) => deployment(workload, nodes, now);
  const virt = nodes.length === 1 ? { ...VIRT_API, replicas: 1 } : VIRT_API;
  const kubevirtWorkloads = [
    virt,
    VIRT_CONTROLLER,
    VIRT_EXPORTPROXY,
    TEMPLATE_APISERVER,
    TEMPLATE_CONTROLLER,
  ];
  const infrastructure = [VIRT_OPERATOR, ...kubevirtWorkloads].flatMap(running);
  return [
    ...namespaces(),
    ...SYSTEM_PRIORITIES.map(([name, value, description]) => priorityClassStep(name, value, description)),
    priorityClassStep(
      'kubevirt-cluster-critical',
      1_000_000_000,
      'This priority class should be used for KubeVirt core components only.',
    ),
    ...definitionSteps(now, options.schemaOf ?? (() => undefined)),
    ...apiServiceSteps(now),
    ...roles(),
    ...systemServices(),
    serviceAccountStep('kube-system', 'coredns'),
    serviceAccountStep('kube-system', 'kube-proxy'),
    ...running(CORE_DNS),
    ...daemonSet(kubeProxy(kubernetesVersion), nodes),
    ...nodes.map(node => nodeLease(node, now)),
    kubevirtResource(now, options.configuration),
    ...kubevirtServiceAccounts(),
    ...kubevirtCertificates(),
    ...kubevirtServices(),
    ...infrastructure,
    ...daemonSet(VIRT_HANDLER, nodes),
    ...kubevirtWorkloads
      .filter(({ replicas }) => replicas > 0)
      .map(({ name, replicas, selector }) => disruptionBudget(name, replicas, selector)),
    ...kubevirtNetworkPolicies(),
    ...kubevirtLeases(now, workload => firstPod(infrastructure, workload)),
    ...commonInstancetypes().map(object =>
      step('virtualmachineclusterinstancetypes.instancetype.kubevirt.io', object as NewObject),
    ),
    ...commonPreferences().map(object =>
      step('virtualmachineclusterpreferences.instancetype.kubevirt.io', object as NewObject),
    ),
    ...cdiResources(now),
    ...cdiSupport(),
    ...CDI_WORKLOADS.flatMap(running),
    ...storageSteps(nodes),
    ...policySteps(),
    // Last, as nothing before them is theirs to judge.
    ...webhookConfigurations(),
  ];
}

function namespaces(): InstallationStep[] {
  const privileged = { 'pod-security.kubernetes.io/enforce': 'privileged' };
  return [
    ...['default', 'kube-system', 'kube-public', 'kube-node-lease'].map(name => namespaceStep(name)),
    namespaceStep('kubevirt', { 'kubevirt.io': '', ...privileged }),
    namespaceStep('cdi', { 'cdi.kubevirt.io': '' }),
  ];
}

const CLUSTER_ROLES: readonly RoleText[] = [
  ...KUBERNETES_CLUSTER_ROLES,
  ...KUBEVIRT_CLUSTER_ROLES,
  ...OPERATOR_CLUSTER_ROLES,
  ...CDI_CLUSTER_ROLES,
];

function roles(): InstallationStep[] {
  const group = 'rbac.authorization.k8s.io';
  const binding = (text: BindingText) =>
    step(`${text.namespace ? 'rolebindings' : 'clusterrolebindings'}.${group}`, bindingObject(text));
  return [
    ...CLUSTER_ROLES.map(role => step(`clusterroles.${group}`, roleObject(role, CLUSTER_ROLES))),
    ...[...KUBERNETES_ROLES, ...KUBEVIRT_ROLES, ...OPERATOR_ROLES, ...CDI_ROLES].map(role =>
      step(`roles.${group}`, roleObject(role)),
    ),
    ...[
      ...KUBERNETES_CLUSTER_ROLE_BINDINGS,
      ...KUBEVIRT_CLUSTER_ROLE_BINDINGS,
      ...OPERATOR_CLUSTER_BINDINGS,
      ...CDI_CLUSTER_ROLE_BINDINGS,
      ...KUBEVIRT_ROLE_BINDINGS,
      ...OPERATOR_BINDINGS,
      ...CDI_ROLE_BINDINGS,
    ].map(binding),
  ];
}

function firstPod(steps: readonly InstallationStep[], workload: string): string {
  const pod = steps.find(
    ({ resource, object }) => resource === 'pods' && object.metadata.name?.startsWith(`${workload}-`),
  );
  return pod?.object.metadata.name ?? workload;
}

export type { SchemaOf } from './apis.ts';
export { definitionObject } from './apis.ts';
export { CDI_NAMESPACE, CDI_VERSION } from './cdi-components.ts';
export { KUBEVIRT_NAMESPACE, KUBEVIRT_REGISTRY, KUBEVIRT_VERSION } from './kubevirt-components.ts';
export { DNS_ADDRESS, SERVICE_ADDRESS } from './kubernetes.ts';
export type { InstallationStep, OwnerPointer } from './step.ts';
export type { InstalledNode } from './workload.ts';
