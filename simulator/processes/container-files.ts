/**
 * The files of a container: what its image holds, what the kubelet mounts into it, what has been written since. Changes
 * go back to the records of the pod and of its claims, layer by layer.
 */
import { API_AUDIENCE, issueToken } from '../authorization/index.ts';
import type { View } from '../controller.ts';
import { type ContainerFiles, type StoredFile, containerFiles } from '../resources/internal.ts';
import { configMaps, nodes, persistentVolumeClaims, secrets, serviceAccounts } from '../resources/refs.ts';
import type { Container, Pod } from '../types/core.ts';
import type { JsonObject, KubeObject, Millis } from '../types/meta.ts';
import { NO_BYTES, fromBase64, toBase64, toBytes, toExactText } from './bytes.ts';
import { hostnameOf, podField } from './environment.ts';
import { Files } from './files.ts';
import { imageContents } from './images.ts';
import { PROGRAM_NAMES } from './programs.ts';

/** A place in a container's tree whose changes belong to a layer of a record. */
interface Mount {
  readonly path: string;
  readonly owner: KubeObject;
  readonly layer: string;
}

export interface ContainerTree {
  readonly files: Files;
  readonly mounts: readonly Mount[];
  /** Revisions of the records that it was made of: another one means that others have written. */
  readonly revision: string;
}

export interface FilesChange {
  readonly owner: KubeObject;
  readonly layer: string;
  readonly files: Readonly<Record<string, StoredFile>>;
}

type Volume = NonNullable<Pod['spec']['volumes']>[number];
interface KeyToPath {
  key: string;
  path: string;
}

const DIRECTORIES = [
  '/bin',
  '/dev',
  '/etc',
  '/home',
  '/opt',
  '/proc',
  '/root',
  '/run',
  '/sbin',
  '/srv',
  '/sys',
  '/tmp',
  '/usr/bin',
  '/var/log',
  '/var/run',
];

export function openContainer(view: View, pod: Pod, container: Container, restarts: number): ContainerTree {
  const mounts = mountsOf(view, pod, container, restarts);
  const readOnly = readOnlyPaths(pod, container);
  const files = new Files(readOnly);
  layImage(view, files, pod, container);
  for (const { name, mountPath, subPath } of container.volumeMounts ?? []) {
    const volume = pod.spec.volumes?.find(each => each.name === name);
    if (!volume) continue;
    layDirectory(files, mountPath, view.now);
    for (const [path, bytes] of volumeContent(view, pod, volume)) {
      if (subPath === undefined) lay(files, `${mountPath}/${path}`, bytes, 0o644, view.now);
      else if (path === subPath) lay(files, mountPath, bytes, 0o644, view.now);
    }
  }
  for (const mount of mounts) applyStored(files, mount, recordOf(view, mount.owner)?.layers[mount.layer]);
  return { files, mounts, revision: revisionOf(view, mounts) };
}

/** Which records, at which revisions, a tree is made of. */
export function revisionOf(view: View, mounts: readonly Mount[]): string {
  return mounts.map(({ owner }) => recordOf(view, owner)?.metadata.resourceVersion ?? '0').join(',');
}

/** What has been changed in a tree since the last call, by the layers that it belongs to. */
export function takeChanges({ files, mounts }: ContainerTree): FilesChange[] {
  const changes = new Map<Mount, Record<string, StoredFile>>();
  for (const path of files.takeChanges()) {
    const mount = mountOf(mounts, path);
    if (!mount) continue;
    const known = changes.get(mount) ?? {};
    changes.set(mount, known);
    const relative = mount.path === '/' ? path : path.slice(mount.path.length) || '/';
    const entry = files.get(path);
    known[relative] = entry
      ? {
          type: entry.type,
          mode: entry.mode,
          changedAt: entry.changedAt,
          ...contentOf(entry.content, entry.type),
        }
      : { type: 'removed', mode: 0, changedAt: 0 };
  }
  return [...changes].map(([{ owner, layer }, changed]) => ({ owner, layer, files: changed }));
}

function contentOf(bytes: Uint8Array, type: string): Pick<StoredFile, 'text' | 'base64'> {
  if (type === 'directory') return {};
  const text = toExactText(bytes);
  return text === undefined ? { base64: toBase64(bytes) } : { text };
}

export function recordOf(view: View, owner: KubeObject): ContainerFiles | undefined {
  return view.get(containerFiles, owner.metadata.namespace, owner.metadata.uid);
}

/** A record's layers with changes laid over them. */
export function mergeLayers(
  layers: ContainerFiles['layers'],
  { layer, files }: FilesChange,
): ContainerFiles['layers'] {
  const merged: Record<string, StoredFile> = { ...layers[layer] };
  for (const [path, file] of Object.entries(files)) {
    if (file.type === 'removed') {
      for (const other of Object.keys(merged)) if (other.startsWith(`${path}/`)) delete merged[other];
    }
    merged[path] = file;
  }
  return { ...layers, [layer]: merged };
}

function mountOf(mounts: readonly Mount[], path: string): Mount | undefined {
  let found: Mount | undefined;
  for (const mount of mounts) {
    const inside = mount.path === '/' || path === mount.path || path.startsWith(`${mount.path}/`);
    if (inside && (!found || mount.path.length > found.path.length)) found = mount;
  }
  return found;
}

function applyStored(files: Files, mount: Mount, stored: Record<string, StoredFile> | undefined): void {
  for (const [path, file] of Object.entries(stored ?? {})) {
    const full = mount.path === '/' ? path : `${mount.path}${path === '/' ? '' : path}`;
    if (file.type === 'removed') {
      files.drop(full);
      continue;
    }
    const content = file.base64 === undefined ? toBytes(file.text ?? '') : fromBase64(file.base64);
    const { type, mode, changedAt } = file;
    files.put(full, { type, mode, changedAt, content });
  }
}

/** Writable volumes and the container's own disk, which everything else belongs to. */
function mountsOf(view: View, pod: Pod, container: Container, restarts: number): Mount[] {
  const found: Mount[] = [{ path: '/', owner: pod, layer: `container/${container.name}/${restarts}` }];
  for (const { name, mountPath, subPath } of container.volumeMounts ?? []) {
    const volume = pod.spec.volumes?.find(each => each.name === name);
    if (!volume || subPath !== undefined) continue;
    const path = mountPath.replace(/\/+$/, '') || '/';
    const claimName = (volume.persistentVolumeClaim as JsonObject | undefined)?.claimName;
    const claim =
      typeof claimName === 'string'
        ? view.get(persistentVolumeClaims, pod.metadata.namespace, claimName)
        : undefined;
    if (claim) found.push({ path, owner: claim, layer: 'claim' });
    else found.push({ path, owner: pod, layer: `volume/${name}` });
  }
  return found;
}

function readOnlyPaths(pod: Pod, container: Container): string[] {
  const context = container.securityContext as { readOnlyRootFilesystem?: boolean } | undefined;
  const paths = (container.volumeMounts ?? [])
    .filter(({ name, readOnly }) => {
      const volume = pod.spec.volumes?.find(each => each.name === name);
      return readOnly || volume?.configMap || volume?.secret || volume?.projected || volume?.downwardAPI;
    })
    .map(({ mountPath }) => mountPath.replace(/\/+$/, ''));
  return context?.readOnlyRootFilesystem
    ? [...paths, '/bin', '/etc', '/usr', '/var', '/home', '/opt', '/root']
    : paths;
}

function lay(files: Files, path: string, content: Uint8Array, mode: number, at: Millis): void {
  files.put(path.replace(/\/{2,}/g, '/'), { type: 'file', mode, changedAt: at, content });
}

function layDirectory(files: Files, path: string, at: Millis): void {
  const trimmed = path.replace(/\/+$/, '') || '/';
  if (!files.get(trimmed))
    files.put(trimmed, { type: 'directory', mode: 0o755, changedAt: at, content: NO_BYTES });
}

function layImage(view: View, files: Files, pod: Pod, container: Container): void {
  const { bare, osRelease } = imageContents(container.image ?? '');
  const at = Date.parse(pod.metadata.creationTimestamp);
  if (!bare) {
    for (const directory of DIRECTORIES) layDirectory(files, directory, at);
    for (const name of PROGRAM_NAMES) lay(files, `/bin/${name}`, NO_BYTES, 0o755, at);
    lay(
      files,
      '/etc/passwd',
      toBytes('root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n'),
      0o644,
      at,
    );
    lay(files, '/etc/group', toBytes('root:x:0:\nnogroup:x:65534:\n'), 0o644, at);
    if (osRelease !== undefined) lay(files, '/etc/os-release', toBytes(osRelease), 0o644, at);
  }
  const name = hostnameOf(pod);
  const address = pod.status?.podIP ?? '';
  const domain = `${pod.metadata.namespace}.svc.cluster.local svc.cluster.local cluster.local`;
  lay(files, '/etc/hostname', toBytes(`${name}\n`), 0o644, at);
  lay(
    files,
    '/etc/hosts',
    toBytes(
      `# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n${address}\t${name}\n`,
    ),
    0o644,
    at,
  );
  const dns = (
    view.find('services', 'kube-system', 'kube-dns') as { spec?: { clusterIP?: string } } | undefined
  )?.spec;
  lay(
    files,
    '/etc/resolv.conf',
    toBytes(`search ${domain}\nnameserver ${dns?.clusterIP ?? '10.96.0.10'}\noptions ndots:5\n`),
    0o644,
    at,
  );
}

/** The files of a volume that the kubelet fills. */
function volumeContent(view: View, pod: Pod, volume: Volume): [string, Uint8Array][] {
  if (volume.configMap) return configMapFiles(view, pod, volume.configMap as JsonObject);
  if (volume.secret) return secretFiles(view, pod, volume.secret as JsonObject);
  if (volume.downwardAPI) return downwardFiles(pod, volume.downwardAPI as JsonObject);
  const sources = (volume.projected as { sources?: JsonObject[] } | undefined)?.sources ?? [];
  return sources.flatMap(({ configMap, secret, downwardAPI, serviceAccountToken }) => [
    ...(configMap ? configMapFiles(view, pod, configMap as JsonObject) : []),
    ...(secret ? secretFiles(view, pod, secret as JsonObject) : []),
    ...(downwardAPI ? downwardFiles(pod, downwardAPI as JsonObject) : []),
    ...(serviceAccountToken ? tokenFile(view, pod, serviceAccountToken as JsonObject) : []),
  ]);
}

function chosen(data: Record<string, Uint8Array>, items: KeyToPath[] | undefined): [string, Uint8Array][] {
  if (!items) return Object.entries(data);
  return items.flatMap(({ key, path }) => (data[key] ? [[path, data[key]] as [string, Uint8Array]] : []));
}

function configMapFiles(view: View, pod: Pod, source: JsonObject): [string, Uint8Array][] {
  const map = view.get(configMaps, pod.metadata.namespace, String(source.name));
  const texts = Object.entries(map?.data ?? {}).map(([key, text]) => [key, toBytes(text)] as const);
  const binaries = Object.entries(map?.binaryData ?? {}).map(
    ([key, text]) => [key, fromBase64(text)] as const,
  );
  return chosen(
    Object.fromEntries([...texts, ...binaries]),
    source.items as unknown as KeyToPath[] | undefined,
  );
}

function secretFiles(view: View, pod: Pod, source: JsonObject): [string, Uint8Array][] {
  const secret = view.get(secrets, pod.metadata.namespace, String(source.secretName ?? source.name));
  const data = Object.entries(secret?.data ?? {}).map(([key, text]) => [key, fromBase64(text)] as const);
  return chosen(Object.fromEntries(data), source.items as unknown as KeyToPath[] | undefined);
}

function downwardFiles(pod: Pod, source: JsonObject): [string, Uint8Array][] {
  const items =
    (source.items as unknown as { path: string; fieldRef?: { fieldPath: string } }[] | undefined) ?? [];
  return items.map(({ path, fieldRef }) => [
    path,
    toBytes(fieldRef ? podField(pod, fieldRef.fieldPath) : ''),
  ]);
}

/** A token that the API takes: whoever reads it in a container can use it outside. */
function tokenFile(view: View, pod: Pod, source: JsonObject): [string, Uint8Array][] {
  const account = view.get(serviceAccounts, pod.metadata.namespace, pod.spec.serviceAccountName ?? 'default');
  if (!account) return [];
  const node = view.get(nodes, undefined, pod.spec.nodeName ?? '');
  const { token } = issueToken(view, {
    account,
    audiences: typeof source.audience === 'string' ? [source.audience] : [API_AUDIENCE],
    seconds: typeof source.expirationSeconds === 'number' ? source.expirationSeconds : 3600,
    id: pod.metadata.uid,
    pod,
    ...(node ? { node } : {}),
  });
  return [[String(source.path ?? 'token'), toBytes(token)]];
}
