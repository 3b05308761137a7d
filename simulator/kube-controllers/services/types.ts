/** Services, their endpoints and disruption budgets (k8s.io/api core/v1, discovery/v1, policy/v1, v1.35), and their handles. */
import { ref } from '../../resources/refs.ts';
import type { ObjectReference } from '../../types/core.ts';
import type { Condition, KubeObject, LabelSelector, Timestamp } from '../../types/meta.ts';

export interface ServicePort {
  name?: string;
  port: number;
  protocol?: string;
  targetPort?: number | string;
  appProtocol?: string;
}

export interface Service extends KubeObject {
  spec: {
    type?: string;
    clusterIP?: string;
    selector?: Record<string, string>;
    ports?: ServicePort[];
    publishNotReadyAddresses?: boolean;
  };
}

export interface EndpointAddress {
  ip: string;
  hostname?: string;
  nodeName?: string;
  targetRef?: ObjectReference;
}

export interface EndpointPort {
  name?: string;
  port: number;
  protocol?: string;
  appProtocol?: string;
}

export interface EndpointSubset {
  addresses?: EndpointAddress[];
  notReadyAddresses?: EndpointAddress[];
  ports?: EndpointPort[];
}

export interface Endpoints extends KubeObject {
  subsets?: EndpointSubset[];
}

export interface SliceEndpoint {
  addresses: string[];
  conditions: { ready: boolean; serving: boolean; terminating: boolean };
  hostname?: string;
  nodeName?: string;
  targetRef?: ObjectReference;
  zone?: string;
}

export interface EndpointSlice extends KubeObject {
  addressType: string;
  endpoints: SliceEndpoint[] | null;
  ports: EndpointPort[] | null;
}

export interface DisruptionBudget extends KubeObject {
  spec: { selector?: LabelSelector; minAvailable?: number | string; maxUnavailable?: number | string };
  status?: {
    conditions?: Condition[];
    currentHealthy: number;
    desiredHealthy: number;
    disruptedPods?: Record<string, Timestamp>;
    disruptionsAllowed: number;
    expectedPods: number;
    observedGeneration?: number;
  };
}

export const services = ref<Service>('', 'v1', 'services', 'Service');
export const endpoints = ref<Endpoints>('', 'v1', 'endpoints', 'Endpoints');
export const endpointSlices = ref<EndpointSlice>('discovery.k8s.io', 'v1', 'endpointslices', 'EndpointSlice');
export const disruptionBudgets = ref<DisruptionBudget>(
  'policy',
  'v1',
  'poddisruptionbudgets',
  'PodDisruptionBudget',
);
