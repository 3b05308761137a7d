/** ServiceAccount (kubernetes plugin/pkg/admission/serviceaccount, v1.35): every pod has an account, and most its token. */
import type { AdmissionAttributes } from '../apiserver/index.ts';
import { serviceAccounts } from '../resources/refs.ts';
import type { Container, Pod, PodSpec } from '../types/core.ts';
import type { KubeObject } from '../types/meta.ts';
import { MIRROR_ANNOTATION, denied, onNewPods, podOf, withSpec } from './pods.ts';

const DEFAULT = 'default';
const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
/** An hour and seven seconds: the seven mark tokens that clients may hold beyond it. */
const TOKEN_SECONDS = 3_607;

interface ServiceAccount extends KubeObject {
  automountServiceAccountToken?: boolean;
  imagePullSecrets?: { name: string }[];
  secrets?: { name?: string }[];
}

export const serviceAccount = onNewPods('ServiceAccount', attributes => {
  const pod = podOf(attributes);
  if (pod.metadata.annotations?.[MIRROR_ANNOTATION] !== undefined) return mirrorPod(attributes, pod);
  const { spec } = pod;
  const name = spec.serviceAccountName || DEFAULT;
  const account = accountOf(attributes, name);
  let admitted = pod;
  if (spec.serviceAccountName !== name || spec.serviceAccount !== name) {
    admitted = withSpec(admitted, { serviceAccountName: name, serviceAccount: name });
  }
  if (!spec.imagePullSecrets?.length && account.imagePullSecrets?.length) {
    admitted = withSpec(admitted, { imagePullSecrets: account.imagePullSecrets });
  }
  const mounts = spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
  return mounts ? withToken(attributes, admitted) : admitted;
});

function accountOf(attributes: AdmissionAttributes, name: string): ServiceAccount {
  const { view, namespace = '' } = attributes;
  const account = view.get(serviceAccounts, namespace, name);
  if (account) return account;
  throw denied(
    attributes,
    `error looking up service account ${namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`,
  );
}

/** Pods that a kubelet made of a file have no account and no secrets. */
function mirrorPod(attributes: AdmissionAttributes, pod: Pod): Pod {
  if (pod.spec.serviceAccountName)
    throw denied(attributes, 'a mirror pod may not reference service accounts');
  if (pod.spec.volumes?.some(volume => volume.secret !== undefined)) {
    throw denied(attributes, 'a mirror pod may not reference secrets');
  }
  return pod;
}

/** The projected volume with the token, in every container that has nothing else at its place. */
function withToken({ random }: AdmissionAttributes, pod: Pod): Pod {
  const { containers = [], initContainers, volumes = [] } = pod.spec;
  const needs = (container: Container) =>
    !container.volumeMounts?.some(mount => mount.mountPath === MOUNT_PATH);
  if (!containers.some(needs) && !initContainers?.some(needs)) return pod;
  const known = volumes.find(
    volume => volume.name?.startsWith('kube-api-access-') && volume.projected !== undefined,
  );
  const name = known?.name ?? `kube-api-access-${random.nameSuffix()}`;
  const mount = { mountPath: MOUNT_PATH, name, readOnly: true };
  const mounted = (container: Container): Container =>
    needs(container) ? { ...container, volumeMounts: [...(container.volumeMounts ?? []), mount] } : container;
  return withSpec(pod, {
    containers: containers.map(mounted),
    ...(initContainers ? { initContainers: initContainers.map(mounted) } : {}),
    ...(known ? {} : { volumes: [...volumes, tokenVolume(name)] }),
  });
}

function tokenVolume(name: string): NonNullable<PodSpec['volumes']>[number] {
  return {
    name,
    projected: {
      defaultMode: 0o644,
      sources: [
        { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: 'token' } },
        { configMap: { items: [{ key: 'ca.crt', path: 'ca.crt' }], name: 'kube-root-ca.crt' } },
        {
          downwardAPI: {
            items: [{ fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' }, path: 'namespace' }],
          },
        },
      ],
    },
  };
}
