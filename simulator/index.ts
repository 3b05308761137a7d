/**
 * The KubeVirt simulator's core: a whole cluster in one process and in memory, pure and deterministic. It models
 * Kubernetes 1.35, KubeVirt v1.9 and CDI; each area's door says what it leaves out.
 */
export * from './apiserver/index.ts';
export { TIMING_PROFILES, type TimingProfile, type TimingProfileName } from './clock/timing.ts';
export { parseDuration, timestamp } from './clock/index.ts';
export {
  type Checkpoint,
  Cluster,
  type ClusterSettings,
  DEFAULT_SETTINGS,
  LivelockError,
} from './cluster.ts';
export type { View } from './controller.ts';
export { servedSchemas } from './custom-resources/index.ts';
export {
  type ClusterOptions,
  DEFAULT_NODE_COUNT,
  KUBERNETES_VERSION,
  createCluster,
} from './create-cluster.ts';
export { HardwareError, type NodeSpec, parseNodesFile, suggest } from './node/index.ts';
export {
  type JsonPath,
  type ResourceDefinition,
  apiVersionOf,
  events,
  findAll,
  objectKey,
  parseJsonPath,
  resourceName,
} from './resources/index.ts';
export { type JournalEntry, patchesOf, serializeEntry } from './store/index.ts';
export type { JsonObject, JsonValue, KubeObject, Millis, Status, UserInfo } from './types/meta.ts';
