/** The CDI resource and its configuration, deployed (CDI v1.66 pkg/operator/controller, pkg/controller/config-controller.go). */
import { timestamp } from '../clock/index.ts';
import type { Millis, NewObject } from '../types/meta.ts';
import { CDI_LABELS, CDI_VERSION } from './cdi-components.ts';
import { type InstallationStep, type OwnerPointer, step } from './step.ts';
import { STORAGE } from './storage.ts';

export const CDI_OWNER: OwnerPointer = { resource: 'cdis.cdi.kubevirt.io', name: 'cdi' };
const CONFIG = { featureGates: ['HonorWaitForFirstConsumer'] };

export function cdiResources(now: Millis): InstallationStep[] {
  const condition = (type: string, status: string, reason?: string, message?: string) => ({
    lastHeartbeatTime: timestamp(now),
    lastTransitionTime: timestamp(now),
    ...(reason ? { message, reason } : {}),
    status,
    type,
  });
  const defaultClass = STORAGE.find(storage => storage.isDefault)?.name;
  return [
    step('cdis.cdi.kubevirt.io', {
      apiVersion: 'cdi.kubevirt.io/v1beta1',
      kind: 'CDI',
      metadata: { name: 'cdi', finalizers: ['operator.cdi.kubevirt.io'], generation: 1 },
      spec: {
        config: CONFIG,
        imagePullPolicy: 'IfNotPresent',
        infra: {
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          tolerations: [{ key: 'CriticalAddonsOnly', operator: 'Exists' }],
        },
        workload: { nodeSelector: { 'kubernetes.io/os': 'linux' } },
      },
      status: {
        conditions: [
          condition('Available', 'True', 'DeployCompleted', 'Deployment Completed'),
          condition('Progressing', 'False'),
          condition('Degraded', 'False'),
        ],
        observedVersion: CDI_VERSION,
        operatorVersion: CDI_VERSION,
        phase: 'Deployed',
        targetVersion: CDI_VERSION,
      },
    } as NewObject),
    step(
      'cdiconfigs.cdi.kubevirt.io',
      {
        apiVersion: 'cdi.kubevirt.io/v1beta1',
        kind: 'CDIConfig',
        metadata: {
          name: 'config',
          labels: { ...CDI_LABELS, 'app.kubernetes.io/managed-by': 'cdi-controller' },
        },
        spec: CONFIG,
        status: {
          defaultPodResourceRequirements: {
            limits: { cpu: '750m', memory: '600M' },
            requests: { cpu: '100m', memory: '60M' },
          },
          filesystemOverhead: {
            global: '0.06',
            storageClass: Object.fromEntries(STORAGE.map(({ name }) => [name, '0.06'])),
          },
          importProxy: { HTTPProxy: '', HTTPSProxy: '', noProxy: '' },
          ...(defaultClass ? { scratchSpaceStorageClass: defaultClass } : {}),
        },
      } as NewObject,
      CDI_OWNER,
    ),
  ];
}
