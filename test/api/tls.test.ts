import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { createCertificates } from '../../api/tls.ts';

test('the authority signs a server for its addresses and a client for the administrator', async () => {
  const { authority, server, client } = await createCertificates(['192.0.2.7', 'sim.example.com', '0.0.0.0']);
  const [ca, serverCertificate, clientCertificate] = [authority, server, client].map(
    ({ certificate }) => new X509Certificate(certificate),
  ) as [X509Certificate, X509Certificate, X509Certificate];

  expect(ca.ca).toBe(true);
  for (const leaf of [serverCertificate, clientCertificate]) {
    expect(leaf.ca).toBe(false);
    expect(leaf.verify(ca.publicKey)).toBe(true);
  }
  for (const host of ['localhost', 'kubernetes.default.svc', 'sim.example.com']) {
    expect(serverCertificate.checkHost(host)).toBe(host);
  }
  for (const address of ['127.0.0.1', '::1', '192.0.2.7'])
    expect(serverCertificate.checkIP(address)).toBe(address);
  expect(serverCertificate.checkIP('0.0.0.0')).toBeUndefined();
  expect(clientCertificate.subject.split('\n').sort()).toEqual(['CN=kubernetes-admin', 'O=system:masters']);
});
