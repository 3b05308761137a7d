import type { KubeObject, ResourceList } from '../../types/meta.ts';

/** A ResourceQuota, as far as automatic limits depend on it. */
export interface ResourceQuotaLike extends KubeObject {
  spec?: { hard?: ResourceList };
}

/** What rendering needs to know besides the VMI and KubeVirt's configuration. */
export interface RenderContext {
  /**
   * The object of a resource (`persistentvolumeclaims`, `namespaces`, `nodes`, `configmaps`,
   * `network-attachment-definitions.k8s.cni.cncf.io`), or undefined. Cluster-scoped ones are asked for without a
   * namespace.
   */
  readonly lookup: (resource: string, namespace: string | undefined, name: string) => KubeObject | undefined;
  /** Of any namespace: only those of the VMI's own count. */
  readonly resourceQuotas?: Iterable<ResourceQuotaLike>;
  /** `quay.io/kubevirt/virt-launcher:v1.9.0` */
  readonly launcherImage: string;
  /** For hook sidecars that name no image; of the launcher image's registry and version unless given. */
  readonly sidecarShimImage?: string;
  /** The claim that keeps TPM, EFI and backup state; looked up under its former fixed name unless given. */
  readonly backendStorageClaim?: string;
  /** Seconds that virt-launcher waits for QEMU, 240 to 359; derived from the VMI's UID unless given. */
  readonly qemuTimeout?: number;
}

/** Why KubeVirt cannot render a pod. A missing claim is told apart: KubeVirt waits for it (reason FailedPvcNotFound). */
export class PodRenderError extends Error {
  override readonly name = 'PodRenderError';
  readonly reason: 'FailedPvcNotFound' | 'FailedCreate';

  constructor(message: string, reason: 'FailedPvcNotFound' | 'FailedCreate' = 'FailedCreate') {
    super(message);
    this.reason = reason;
  }
}
