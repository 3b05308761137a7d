/**
 * What is in an image, as far as it shows: whether there is a shell, what runs without a command, what it prints and
 * where it listens. Images are known by the last part of their repository; all others have a shell and print nothing.
 */

export interface ImageContents {
  /** No shell and no other programs: an image of a single binary. */
  readonly bare?: boolean;
  readonly command: readonly string[];
  readonly osRelease?: string;
  /** Printed when it starts, with the milliseconds that have passed since. */
  readonly startup?: readonly (readonly [after: number, line: string])[];
  readonly stderr?: boolean;
  /** TCP ports that it listens on whatever the pod declares. */
  readonly ports?: readonly number[];
  readonly website?: string;
}

const DEBIAN =
  'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nID=debian\n';
const CENTOS =
  'NAME="CentOS Stream"\nVERSION="9"\nID="centos"\nVERSION_ID="9"\nPRETTY_NAME="CentOS Stream 9"\n';
const ALPINE = 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.22.0\nPRETTY_NAME="Alpine Linux v3.22"\n';

const WELCOME =
  '<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n</head>\n<body>\n<h1>Welcome to nginx!</h1>\n</body>\n</html>\n';

const bare = (command: string): ImageContents => ({ bare: true, command: [command] });

const IMAGES: Readonly<Record<string, ImageContents>> = {
  alpine: { command: ['/bin/sh'], osRelease: ALPINE },
  busybox: { command: ['sh'] },
  'cdi-apiserver': bare('/usr/bin/virt-cdi-apiserver'),
  'cdi-controller': bare('/usr/bin/virt-cdi-controller'),
  'cdi-operator': bare('/usr/bin/cdi-operator'),
  'cdi-uploadproxy': bare('/usr/bin/virt-cdi-uploadproxy'),
  coredns: {
    bare: true,
    command: ['/coredns'],
    startup: [
      [120, '.:53'],
      [
        122,
        '[INFO] plugin/reload: Running configuration SHA512 = 591cf328cccc12bc490481273e738df59329c62c0b729d94e8b61db9961c2fa5f046dd37f1cf888b953814040d180f52594972691cd6ff41be96639138a43908',
      ],
      [123, 'CoreDNS-1.12.1'],
      [123, 'linux/amd64, go1.24.1, 707c7c1'],
    ],
    ports: [53, 8080, 8181, 9153],
  },
  etcd: bare('etcd'),
  httpd: {
    command: ['httpd-foreground'],
    osRelease: DEBIAN,
    ports: [80],
    website: '<html><body><h1>It works!</h1></body></html>\n',
  },
  'kube-apiserver': bare('kube-apiserver'),
  'kube-controller-manager': bare('kube-controller-manager'),
  'kube-proxy': bare('kube-proxy'),
  'kube-scheduler': bare('kube-scheduler'),
  nginx: {
    command: ['nginx', '-g', 'daemon off;'],
    osRelease: DEBIAN,
    startup: [
      [
        10,
        '/docker-entrypoint.sh: /docker-entrypoint.d/ is not empty, will attempt to perform configuration',
      ],
      [12, '/docker-entrypoint.sh: Looking for shell scripts in /docker-entrypoint.d/'],
      [40, '/docker-entrypoint.sh: Configuration complete; ready for start up'],
    ],
    ports: [80],
    website: WELCOME,
  },
  pause: bare('/pause'),
  'virt-api': bare('virt-api'),
  'virt-controller': bare('virt-controller'),
  'virt-exportproxy': bare('virt-exportproxy'),
  'virt-handler': { command: ['virt-handler'], osRelease: CENTOS },
  'virt-launcher': { command: ['/usr/bin/virt-launcher-monitor'], osRelease: CENTOS },
  'virt-operator': bare('virt-operator'),
};

const UNKNOWN: ImageContents = { command: [] };

/** `nginx` of `docker.io/library/nginx:1.27@sha256:…`. */
export function imageName(image: string): string {
  const path = image.split('@')[0] ?? '';
  return path.slice(path.lastIndexOf('/') + 1).split(':')[0] ?? '';
}

export function imageContents(image: string): ImageContents {
  const name = imageName(image);
  return Object.hasOwn(IMAGES, name) ? (IMAGES[name] as ImageContents) : UNKNOWN;
}
