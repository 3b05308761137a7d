/** DefaultTolerationSeconds (kubernetes plugin/pkg/admission/defaulttolerationseconds, v1.35): five minutes on a lost node. */
import type { Toleration } from '../types/core.ts';
import { onNewPods, podOf, withSpec } from './pods.ts';

const SECONDS = 300;
const NOT_READY = tolerationOf('node.kubernetes.io/not-ready');
const UNREACHABLE = tolerationOf('node.kubernetes.io/unreachable');
const BOTH: readonly Toleration[] = [NOT_READY, UNREACHABLE];
const NONE: readonly Toleration[] = [];

function tolerationOf(key: string): Toleration {
  return Object.freeze({ effect: 'NoExecute', key, operator: 'Exists', tolerationSeconds: SECONDS });
}

export const defaultTolerationSeconds = onNewPods('DefaultTolerationSeconds', attributes => {
  const pod = podOf(attributes);
  const given = pod.spec.tolerations ?? NONE;
  const missing =
    given.length === 0 ? BOTH : BOTH.filter(each => !given.some(other => covers(other, each.key)));
  return missing.length === 0 ? pod : withSpec(pod, { tolerations: [...given, ...missing] });
});

function covers({ key, effect }: Toleration, wanted: string | undefined): boolean {
  return (!key || key === wanted) && (!effect || effect === 'NoExecute');
}
