/** The file that makes kubectl, virtctl, helm and client libraries talk to this server. */
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { stringify } from 'yaml';
import { SetupError } from './setup-error.ts';
import type { ClusterCertificates } from './tls.ts';

export const CONTEXT_NAME = 'kubevirt-simulator';

export interface KubeconfigOptions {
  /** `https://127.0.0.1:6443`. */
  readonly server: string;
  readonly certificates: ClusterCertificates;
  readonly token: string;
}

/** A kubeconfig whose current user has a client certificate; a second user has the token only. */
export function renderKubeconfig({ server, certificates, token }: KubeconfigOptions): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': CONTEXT_NAME,
      clusters: [
        {
          name: CONTEXT_NAME,
          cluster: { server, 'certificate-authority-data': base64(certificates.authority.certificate) },
        },
      ],
      users: [
        {
          name: CONTEXT_NAME,
          user: {
            'client-certificate-data': base64(certificates.client.certificate),
            'client-key-data': base64(certificates.client.key),
          },
        },
        { name: `${CONTEXT_NAME}-token`, user: { token } },
      ],
      contexts: [
        { name: CONTEXT_NAME, context: { cluster: CONTEXT_NAME, user: CONTEXT_NAME } },
        { name: `${CONTEXT_NAME}-token`, context: { cluster: CONTEXT_NAME, user: `${CONTEXT_NAME}-token` } },
      ],
      preferences: {},
    },
    { lineWidth: 0 },
  );
}

/**
 * Writes a kubeconfig whole or not at all; only its owner may read it.
 * @throws SetupError when it cannot be written there.
 */
export async function writeKubeconfig(file: string, text: string): Promise<void> {
  const unfinished = `${file}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(unfinished, text, { mode: 0o600 });
    await chmod(unfinished, 0o600);
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => {});
    throw new SetupError(
      `${file}: cannot be written: ${(error as NodeJS.ErrnoException).code ?? String(error)}`,
    );
  }
}
