/** The cluster's certificate authority, made at every start, and what it signs. */
import { isIP } from 'node:net';
import selfsigned from 'selfsigned';

export interface KeyPair {
  /** PEM. */
  readonly certificate: string;
  /** PEM, PKCS#8. */
  readonly key: string;
}

export interface ClusterCertificates {
  readonly authority: KeyPair;
  readonly server: KeyPair;
  /** Of the cluster's administrator. */
  readonly client: KeyPair;
}

/** Who a client certificate speaks for: its common name and its organizations. */
export interface CertificateSubject {
  readonly user: string;
  readonly groups: readonly string[];
}

export const ADMINISTRATOR: CertificateSubject = { user: 'kubernetes-admin', groups: ['system:masters'] };

const DAY = 86_400_000;
const SERVER_NAMES = [
  'localhost',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
];
const SERVER_ADDRESSES = ['127.0.0.1', '::1'];

type Extension = NonNullable<NonNullable<Parameters<typeof selfsigned.generate>[1]>['extensions']>[number];

const LEAF: Extension[] = [
  { name: 'basicConstraints', cA: false, critical: true },
  { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
];

/**
 * A new authority with a server certificate for the loopback addresses, the in-cluster names and `addresses`, and a
 * client certificate. EC P-256 throughout: keys take a millisecond.
 */
export async function createCertificates(addresses: readonly string[] = []): Promise<ClusterCertificates> {
  const now = Date.now();
  const common = {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(now - DAY),
    notAfterDate: new Date(now + 3650 * DAY),
  } as const;
  const authority = await selfsigned.generate([{ name: 'commonName', value: 'kubernetes' }], {
    ...common,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const signed = { ...common, ca: { key: authority.private, cert: authority.cert } };
  const names = [...new Set([...SERVER_ADDRESSES, ...SERVER_NAMES, ...addresses.filter(isNameable)])];
  const [server, client] = await Promise.all([
    selfsigned.generate([{ name: 'commonName', value: 'kube-apiserver' }], {
      ...signed,
      extensions: [
        ...LEAF,
        { name: 'extKeyUsage', serverAuth: true },
        {
          name: 'subjectAltName',
          altNames: names.map(name => (isIP(name) ? { type: 7, ip: name } : { type: 2, value: name })),
        },
      ],
    }),
    selfsigned.generate(
      [
        ...ADMINISTRATOR.groups.map(group => ({ name: 'organizationName', value: group })),
        { name: 'commonName', value: ADMINISTRATOR.user },
      ],
      { ...signed, extensions: [...LEAF, { name: 'extKeyUsage', clientAuth: true }] },
    ),
  ]);
  return {
    authority: { certificate: authority.cert, key: authority.private },
    server: { certificate: server.cert, key: server.private },
    client: { certificate: client.cert, key: client.private },
  };
}

/** Wildcard addresses are where a server listens, not what a client calls it. */
function isNameable(address: string): boolean {
  return address !== '0.0.0.0' && address !== '::' && address !== '';
}
