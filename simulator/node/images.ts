/** What a container runtime can say about image references: whether they are well-formed, and whether they can be pulled. */

/** An image that no pull can fetch. */
export interface UnpullableImage {
  /** A host, a repository or a full reference; everything that begins with it or is on that host. */
  readonly matches: (reference: ImageReference) => boolean;
  readonly error: (reference: ImageReference) => string;
}

export interface ImageReference {
  /** `docker.io`, `quay.io`, `registry.local:5000`. */
  readonly host: string;
  /** `library/nginx`. */
  readonly path: string;
  /** `:1.27`, `@sha256:…`. */
  readonly version: string;
  /** All of it: `docker.io/library/nginx:1.27`. */
  readonly full: string;
}

const COMPONENT = '[a-z0-9]+(?:(?:[._]|__|[-]+)[a-z0-9]+)*';
const HOST =
  '(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::[0-9]+)?';
const PATH = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`);
const HOST_ONLY = new RegExp(`^${HOST}$`);
const TAG = /^[\w][\w.-]{0,127}$/;
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;

/** Reads a reference as container runtimes do (distribution/reference); the text of the error where it is none. */
export function parseImage(image: string): ImageReference | { readonly invalid: string } {
  const bad = { invalid: 'invalid reference format' };
  const at = image.indexOf('@');
  const digest = at < 0 ? '' : image.slice(at + 1);
  if (at >= 0 && !DIGEST.test(digest)) return bad;
  const named = at < 0 ? image : image.slice(0, at);
  const colon = named.lastIndexOf(':');
  const tagged = colon > named.lastIndexOf('/');
  const tag = tagged ? named.slice(colon + 1) : '';
  if (tagged && !TAG.test(tag)) return bad;
  const name = tagged ? named.slice(0, colon) : named;
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const hasHost =
    slash >= 0 && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase());
  const host = hasHost ? first : 'docker.io';
  const rest = hasHost ? name.slice(slash + 1) : name;
  const path = host === 'docker.io' && !rest.includes('/') ? `library/${rest}` : rest;
  if (rest !== rest.toLowerCase() && PATH.test(rest.toLowerCase())) {
    return { invalid: `invalid reference format: repository name (${path}) must be lowercase` };
  }
  if (!HOST_ONLY.test(host) || !PATH.test(path)) return bad;
  const version = digest !== '' ? `@${digest}` : `:${tag || 'latest'}`;
  return { host, path, version, full: `${host}/${path}${version}` };
}

/** Hosts in the domain that RFC 2606 keeps free of hosts. */
export const UNPULLABLE: readonly UnpullableImage[] = [
  {
    matches: ({ host }) => host.replace(/:\d+$/, '').endsWith('.invalid'),
    error: ({ host, path, version, full }) => {
      const url = `https://${host}/v2/${path}/manifests/${version.slice(1)}`;
      const name = host.replace(/:\d+$/, '');
      return `${unresolved(full)}: failed to do request: Head ${JSON.stringify(url)}: dial tcp: lookup ${name}: no such host`;
    },
  },
];

function unresolved(full: string): string {
  return `rpc error: code = Unknown desc = failed to pull and unpack image ${JSON.stringify(full)}: failed to resolve reference ${JSON.stringify(full)}`;
}

/** An entry for a reference (or the beginning of one) that its registry does not have. */
export function missingImage(prefix: string): UnpullableImage {
  return {
    matches: ({ full }) => full === prefix || full.startsWith(prefix),
    error: ({ full }) =>
      `rpc error: code = NotFound desc = failed to pull and unpack image ${JSON.stringify(full)}: failed to resolve reference ${JSON.stringify(full)}: ${full}: not found`,
  };
}

/** Why an image cannot be had: its name is none, or its pull fails. Undefined for all others. */
export function imageProblem(
  image: string,
  unpullable: readonly UnpullableImage[] = UNPULLABLE,
): { readonly kind: 'invalid' | 'unpullable'; readonly message: string } | undefined {
  const reference = parseImage(image);
  if ('invalid' in reference) {
    const name = JSON.stringify(image);
    const message = `Failed to apply default image tag ${name}: couldn't parse image name ${name}: ${reference.invalid}`;
    return { kind: 'invalid', message };
  }
  const entry = unpullable.find(({ matches }) => matches(reference));
  return entry && { kind: 'unpullable', message: entry.error(reference) };
}

/** What images run when a container names no command: those that end by themselves. All others serve until stopped. */
const DEFAULT_COMMANDS: Readonly<Record<string, readonly string[]>> = {
  'library/alpine': ['/bin/sh'],
  'library/bash': ['bash'],
  'library/busybox': ['sh'],
  'library/debian': ['bash'],
  'library/fedora': ['/bin/bash'],
  'library/hello-world': ['/hello'],
  'library/perl': ['perl'],
  'library/ubuntu': ['/bin/bash'],
};

export function defaultCommand(image: string): readonly string[] {
  const reference = parseImage(image);
  return 'invalid' in reference ? [] : (DEFAULT_COMMANDS[reference.path] ?? []);
}
