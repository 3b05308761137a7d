/** The pod that a machine migrates to (KubeVirt v1.9 services.RenderMigrationManifest, watch/migration createTargetPod). */
import type { KubeVirtConfig } from '../../kubevirt-config/index.ts';
import type { Pod } from '../../types/core.ts';
import type { VirtualMachineInstance, VirtualMachineInstanceMigration } from '../../types/kubevirt.ts';
import type { JsonObject, NewObject } from '../../types/meta.ts';
import { imageIdsOf } from './container-disks.ts';
import { type RenderContext, PodRenderError } from './context.ts';
import { ordinalNetworksOf } from './networks.ts';
import { keepApart, requireOfNodes } from './node-placement.ts';
import { missingBackendStorage, renderPod } from './render.ts';
import { needsBackendStorage } from './traits.ts';

const CPU_FEATURE = 'cpu-feature.node.kubevirt.io/';
const CPU_VENDOR = 'cpu-vendor.node.kubevirt.io/';
const HOST_MODEL = 'host-model-cpu.node.kubevirt.io/';
const HOST_MODEL_FEATURE = 'host-model-required-features.node.kubevirt.io/';
const MIGRATION_MODEL = 'cpu-model-migration.node.kubevirt.io/';
const IMAGE_OVERRIDE = 'kubevirt.io/func-test-migration-target-image-override';

type Labels = Record<string, string>;

interface SourceState {
  node?: string;
  nodeSelectors?: Labels;
  selinuxContext?: string;
}

/**
 * Renders a migration's target pod: the launcher pod with the source's images, away from the source's node, on a node
 * with its CPU vendor and, for host-model, its CPU.
 * @param sourcePod the pod that runs the machine now
 * @throws PodRenderError when an image digest, the machine's state claim, its node or its SELinux context is unknown.
 */
export function renderMigrationTargetPod(
  vmi: VirtualMachineInstance,
  migration: VirtualMachineInstanceMigration,
  sourcePod: Pod,
  config: KubeVirtConfig,
  context: RenderContext,
): NewObject<Pod> {
  const imageIds = imageIdsOf(vmi, sourcePod, config);
  const backendStorageClaim = needsBackendStorage(vmi) ? targetClaim(migration, context) : undefined;
  const pod = renderPod(vmi, config, context, { imageIds, backendStorageClaim });
  const { metadata, spec } = pod;

  // From another cluster there is no source pod here to keep away from, only the name of a node.
  const received = migration.spec.receive !== undefined && migration.spec.sendTo === undefined;
  const source = (received ? vmi.status?.migrationState?.sourceState : undefined) as SourceState | undefined;
  spec.affinity = received
    ? requireOfNodes(spec.affinity, [
        { key: 'kubernetes.io/hostname', operator: 'NotIn', values: [source?.node ?? ''] },
      ])
    : keepApart(spec.affinity, [
        {
          labelSelector: { matchLabels: { 'kubevirt.io/created-by': vmi.metadata.uid } },
          topologyKey: 'kubernetes.io/hostname',
        },
      ]);
  metadata.labels = { ...metadata.labels, 'kubevirt.io/migrationJobUID': migration.metadata.uid };
  metadata.annotations = {
    ...metadata.annotations,
    ...ordinalNetworksOf(vmi, sourcePod, config),
    'kubevirt.io/migrationJobName': migration.metadata.name,
  };

  const selector: Labels = { ...migration.spec.addedNodeSelector, ...spec.nodeSelector };
  const sourceLabels = (): Labels => (received ? (source?.nodeSelectors ?? {}) : nodeLabels(vmi, context));
  if (vmi.spec.domain.cpu?.model === 'host-model') {
    const before = received ? {} : pick(sourcePod.spec.nodeSelector, [CPU_FEATURE, MIGRATION_MODEL]);
    const migratedBefore = Object.keys(before).length > 0;
    Object.assign(selector, migratedBefore ? before : hostModelSelector(sourceLabels()));
  }
  if (!keyWith(selector, CPU_VENDOR)) {
    const vendor = keyWith(sourceLabels(), CPU_VENDOR);
    if (vendor) selector[vendor] = 'true';
  }
  spec.nodeSelector = selector;

  if (config.migrations.matchSELinuxLevelOnMigration !== false) {
    const level = selinuxLevel(received ? source?.selinuxContext : vmi.status?.selinuxContext);
    if (level) {
      spec.securityContext = { ...(spec.securityContext as JsonObject), seLinuxOptions: { level } };
    }
  }
  const image = migration.metadata.annotations?.[IMAGE_OVERRIDE];
  if (image) {
    spec.containers = spec.containers.map(container =>
      container.name === 'compute' ? { ...container, image } : container,
    );
  }
  return pod;
}

function targetClaim(migration: VirtualMachineInstanceMigration, context: RenderContext): string {
  const state = migration.status?.migrationState as { targetPersistentStatePVCName?: string } | undefined;
  const name = state?.targetPersistentStatePVCName ?? context.backendStorageClaim;
  if (!name || !context.lookup('persistentvolumeclaims', migration.metadata.namespace, name)) {
    throw missingBackendStorage();
  }
  return name;
}

function nodeLabels(vmi: VirtualMachineInstance, { lookup }: RenderContext): Labels {
  const name = vmi.status?.nodeName ?? '';
  const node = lookup('nodes', undefined, name);
  if (!node) throw new PodRenderError(`node ${name} does not exist`);
  return node.metadata.labels ?? {};
}

/** Labels of nodes that offer the CPU a host-model guest has seen. */
function hostModelSelector(labels: Labels): Labels {
  const selector: Labels = {};
  const model = keyWith(labels, HOST_MODEL);
  if (!model || model === HOST_MODEL) {
    throw new PodRenderError(
      `unable to locate host cpu model, does not contain label "${HOST_MODEL}" with information`,
    );
  }
  for (const key in labels) {
    if (!key.startsWith(HOST_MODEL_FEATURE)) continue;
    selector[CPU_FEATURE + key.slice(HOST_MODEL_FEATURE.length)] = labels[key] as string;
  }
  selector[MIGRATION_MODEL + model.slice(HOST_MODEL.length)] = labels[model] as string;
  return selector;
}

function pick(labels: Labels | undefined, parts: readonly string[]): Labels {
  const picked: Labels = {};
  for (const key in labels) if (parts.some(part => key.includes(part))) picked[key] = labels[key] as string;
  return picked;
}

function keyWith(labels: Labels, prefix: string): string | undefined {
  for (const key in labels) if (key.startsWith(prefix)) return key;
  return undefined;
}

/** The level of `system_u:object_r:container_file_t:s0:c1,c2`, without which shared disks could not be read. */
function selinuxLevel(context: string | undefined): string | undefined {
  if (context === 'none') return undefined;
  if (!context) throw new PodRenderError('SELinux context not set on VMI status');
  return context.split(':').slice(3).join(':');
}
