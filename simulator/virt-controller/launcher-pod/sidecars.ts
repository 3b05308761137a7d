/** Hook sidecars: those a VMI's annotation asks for, and those of network binding plugins (KubeVirt v1.9 pkg/hooks, pkg/network/netbinding). */
import type { KubeVirtConfig } from '../../kubevirt-config/index.ts';
import type { Container } from '../../types/core.ts';
import type { VirtualMachineInstance } from '../../types/kubevirt.ts';
import { type RenderContext, PodRenderError } from './context.ts';
import { sidecarSecurity } from './security.ts';
import { supportResources } from './support-resources.ts';
import { interfacesOf, isDedicatedOrGuaranteed, isNonRoot } from './traits.ts';
import { PATHS } from './volume-sources.ts';
import type { PodVolume, VolumeMount } from './volumes.ts';

interface HookSidecar {
  image?: string;
  imagePullPolicy?: string;
  command?: string[];
  args?: string[];
  configMap?: { name: string; key: string; hookPath: string };
  pvc?: { name: string; volumePath: string; sharedComputePath?: string };
  downwardAPI?: string;
  plugin?: string;
}

export interface RenderedSidecars {
  readonly containers: Container[];
  readonly volumes: PodVolume[];
  /** What the sidecars share with the compute container. */
  readonly computeMounts: VolumeMount[];
}

const NONE: readonly HookSidecar[] = Object.freeze([]);

/** Where a container of virt-launcher keeps its caches, which it cannot guess without a home directory. */
export const XDG_VARIABLES: readonly Readonly<{ name: string; value: string }>[] = Object.freeze([
  Object.freeze({ name: 'XDG_CACHE_HOME', value: PATHS.private }),
  Object.freeze({ name: 'XDG_CONFIG_HOME', value: PATHS.private }),
  Object.freeze({ name: 'XDG_RUNTIME_DIR', value: '/var/run' }),
]);

/**
 * Every sidecar that a VMI's pod gets, in order.
 * @throws PodRenderError when the annotation is no JSON list, or a binding is not configured.
 */
export function sidecarsOf(vmi: VirtualMachineInstance, config: KubeVirtConfig): readonly HookSidecar[] {
  const annotation = vmi.metadata.annotations?.['hooks.kubevirt.io/hookSidecars'];
  const bound = interfacesOf(vmi).some(({ binding }) => binding);
  if (annotation === undefined && !bound) return NONE;
  const sidecars = annotation === undefined ? [] : parseSidecars(annotation);
  const seen = new Set<string>();
  for (const { binding } of interfacesOf(vmi)) {
    if (!binding) continue;
    const plugin = config.network.binding?.[binding.name];
    if (!plugin) throw new PodRenderError(`couldn't find configuration for network binding: ${binding.name}`);
    if (!plugin.sidecarImage || seen.has(binding.name)) continue;
    seen.add(binding.name);
    const { sidecarImage: image, downwardAPI } = plugin;
    sidecars.push({ image, imagePullPolicy: config.imagePullPolicy, downwardAPI, plugin: binding.name });
  }
  return sidecars;
}

function parseSidecars(annotation: string): HookSidecar[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(annotation);
  } catch (error) {
    throw new PodRenderError(`${(error as Error).message} in annotation hooks.kubevirt.io/hookSidecars`);
  }
  if (!Array.isArray(parsed))
    throw new PodRenderError('json: cannot unmarshal value into a hook sidecar list');
  // Only what the API documents may come from outside.
  return parsed.map(({ image, imagePullPolicy, command, args, configMap, pvc }: HookSidecar) => ({
    image,
    imagePullPolicy,
    command,
    args,
    configMap,
    pvc,
  }));
}

/**
 * Renders sidecars with their volumes.
 * @throws PodRenderError when a config map does not exist.
 */
export function renderSidecars(
  sidecars: readonly HookSidecar[],
  vmi: VirtualMachineInstance,
  config: KubeVirtConfig,
  context: RenderContext,
): RenderedSidecars {
  const rendered: RenderedSidecars = { containers: [], volumes: [], computeMounts: [] };
  sidecars.forEach((sidecar, index) => {
    const { configMap, pvc } = sidecar;
    rendered.containers.push(sidecarContainer(`hook-sidecar-${index}`, sidecar, vmi, config, context));
    if (configMap) {
      if (!context.lookup('configmaps', vmi.metadata.namespace, configMap.name)) {
        throw new PodRenderError(`configmaps "${configMap.name}" not found`);
      }
      rendered.volumes.push({
        name: configMap.name,
        configMap: { name: configMap.name, defaultMode: 0o755 },
      });
    }
    if (pvc) {
      rendered.volumes.push({ name: pvc.name, persistentVolumeClaim: { claimName: pvc.name } });
      if (pvc.sharedComputePath) {
        rendered.computeMounts.push({ name: pvc.name, mountPath: pvc.sharedComputePath });
      }
    }
  });
  return rendered;
}

function sidecarContainer(
  name: string,
  { image, imagePullPolicy, command, args, configMap, pvc, downwardAPI, plugin }: HookSidecar,
  vmi: VirtualMachineInstance,
  config: KubeVirtConfig,
  context: RenderContext,
): Container {
  const env: NonNullable<Container['env']> = isNonRoot(vmi) ? [...XDG_VARIABLES] : [];
  env.push({ name: 'CONTAINER_NAME', value: name });
  if (plugin) env.push({ name: 'NETWORK_BINDING_PLUGIN_NAME', value: plugin });
  const volumeMounts: VolumeMount[] = [
    { name: 'hook-sidecar-sockets', mountPath: PATHS.hooks, subPath: name },
  ];
  if (downwardAPI === 'device-info')
    volumeMounts.push({ name: 'network-info-annotation', mountPath: PATHS.podInfo });
  if (configMap)
    volumeMounts.push({ name: configMap.name, mountPath: configMap.hookPath, subPath: configMap.key });
  if (pvc) volumeMounts.push({ name: pvc.name, mountPath: pvc.volumePath });
  const container: Container = {
    name,
    image:
      image || (context.sidecarShimImage ?? context.launcherImage.replace('virt-launcher', 'sidecar-shim')),
    env,
    resources: supportResources('sidecar', isDedicatedOrGuaranteed(vmi), config),
    securityContext: sidecarSecurity(vmi),
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts,
  };
  if (imagePullPolicy) container.imagePullPolicy = imagePullPolicy;
  if (command?.length) container.command = command;
  if (args?.length) container.args = args;
  return container;
}
