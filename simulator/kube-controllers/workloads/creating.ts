/** Making and taking pods one after the other, with the events that tell of it (kubernetes pkg/controller RealPodControl). */
import { type Change, create, event, remove } from '../../controller.ts';
import { pods } from '../../resources/refs.ts';
import type { Pod } from '../../types/core.ts';
import type { KubeObject, Status } from '../../types/meta.ts';
import type { NewPod } from './pods.ts';

/**
 * Creates pods until one is refused: the rest would fare no better (upstream's slow start tries one, then two, then four).
 * @param failed what to do with the refusal, besides the event.
 */
export function createPods(
  owner: KubeObject,
  make: readonly NewPod[],
  failed: (status: Status) => Change[],
): Change[] {
  const [first, ...rest] = make;
  if (!first) return [];
  return [
    create(pods, first, {
      created: pod => [
        event(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`),
        ...createPods(owner, rest, failed),
      ],
      refused: status => [
        event(owner, 'Warning', 'FailedCreate', `Error creating: ${status.message}`),
        ...failed(status),
      ],
    }),
  ];
}

export function deletePod(owner: KubeObject, pod: Pod): Change[] {
  return [
    remove(pods, pod, { preconditions: { uid: pod.metadata.uid } }),
    event(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`),
  ];
}
