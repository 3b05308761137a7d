/** Which pod and container a stream is about, and the refusals of API server and kubelet (Kubernetes 1.35 pkg/registry/core/pod/strategy.go, pkg/kubelet). */
import { badRequest, notFound } from '../../simulator/apiserver/index.ts';
import type { Cluster } from '../../simulator/cluster.ts';
import { containersOf } from '../../simulator/processes/index.ts';
import { pods } from '../../simulator/resources/refs.ts';
import type { Container, Pod } from '../../simulator/types/core.ts';
import type { Route } from '../routing.ts';

/** @throws ApiError 404 */
export function podOf(cluster: Cluster, { namespace, name = '' }: Route): Pod {
  const pod = cluster.view.get(pods, namespace, name);
  if (!pod) throw notFound({ group: '', plural: 'pods' }, name);
  return pod;
}

/** @throws ApiError 400 where no container is named and there are several, or there is none of that name. */
export function containerOf(pod: Pod, named: string): Container {
  const { containers, initContainers = [] } = pod.spec;
  const { name } = pod.metadata;
  if (named !== '') {
    const found = containersOf(pod).find(each => each.name === named);
    if (!found) throw badRequest(`container ${named} is not valid for pod ${name}`);
    return found;
  }
  const [only, ...others] = containers;
  if (!only) throw badRequest(`a container name must be specified for pod ${name}`);
  if (others.length === 0) return only;
  const list = (all: readonly Container[]) => `[${all.map(each => each.name).join(' ')}]`;
  const init = initContainers.length > 0 ? ` or one of the init containers: ${list(initContainers)}` : '';
  throw badRequest(
    `a container name must be specified for pod ${name}, choose one of: ${list(containers)}${init}`,
  );
}

/** @throws ApiError 400 while no node has been chosen. */
export function requireHost(pod: Pod): void {
  if (!pod.spec.nodeName) throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
}

/** A pod as the kubelet names it. */
export function fullName(pod: Pod): string {
  return `${pod.metadata.name}_${pod.metadata.namespace}`;
}
