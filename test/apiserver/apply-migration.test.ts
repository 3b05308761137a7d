/** The way from client-side to server-side apply, gone with real kubectls. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KubeObject } from '../../simulator/types/meta.ts';
import { findKubectls, kubectl } from '../clients/kubectl.ts';
import { type TestServer, startTestServer } from '../clients/server.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

const manifest = (image: string) => `
apiVersion: v1
kind: ConfigMap
metadata: {name: x, labels: {a: b}}
data: {image: ${image}}
---
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {name: x}
spec:
  runStrategy: Halted
  template:
    spec:
      domain: {devices: {}, memory: {guest: 64Mi}}
      terminationGracePeriodSeconds: ${image.length}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: x}
spec:
  replicas: 0
  selector: {matchLabels: {a: b}}
  template:
    metadata: {labels: {a: b}}
    spec: {containers: [{name: c, image: ${image}, ports: [{containerPort: 80}]}]}
`;

describe.each(findKubectls())('kubectl $name', binary => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer();
  });

  afterAll(async () => {
    await server?.close();
    expect(server?.bugs).toEqual([]);
  });

  async function succeed(command: string, input?: string): Promise<string> {
    const options = { kubeconfig: server.kubeconfigFile, home: server.home, ...(input ? { input } : {}) };
    const { code, stdout, stderr } = await kubectl(binary, command.split(' '), options);
    expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: '' });
    return stdout;
  }

  async function objects(): Promise<KubeObject[]> {
    const text = await succeed('get configmap/x vm/x deployment/x -o json --show-managed-fields');
    return (JSON.parse(text) as { items: KubeObject[] }).items;
  }

  /** Managers of the main resource, as `name operation`. */
  const managers = ({ metadata }: KubeObject) =>
    (metadata.managedFields ?? [])
      .filter(({ subresource }) => !subresource)
      .map(({ manager, operation }) => `${manager} ${operation}`)
      .sort();

  const applied = 'serverside-applied';
  const all = (what: string) =>
    `configmap/x ${what}\nvirtualmachine.kubevirt.io/x ${what}\ndeployment.apps/x ${what}\n`;

  test.each(['kubectl', 'z'])('client-side apply gives way to %s, once and for all', async manager => {
    await succeed('delete --ignore-not-found configmap/x vm/x deployment/x');
    expect(await succeed('apply -f -', manifest('one'))).toBe(all('created'));
    const serverSide = `apply --server-side --field-manager=${manager} -f -`;
    expect(await succeed(serverSide, manifest('one'))).toBe(all(applied));
    for (const object of await objects()) {
      expect(managers(object)).toContain(`${manager} Apply`);
      expect(managers(object)).not.toContain('kubectl-client-side-apply Update');
    }
    // What only the client-side apply had owned can now be changed without a conflict.
    expect(await succeed(serverSide, manifest('second'))).toBe(all(applied));
    const before = await objects();
    expect(before[0]).toMatchObject({ data: { image: 'second' }, metadata: { labels: { a: 'b' } } });
    for (const { metadata } of before) {
      expect(LAST_APPLIED in (metadata.annotations ?? {})).toBe(manager === 'kubectl');
    }
    expect(await succeed(serverSide, manifest('second'))).toBe(all(applied));
    expect(await objects()).toEqual(before);
  });

  test('and the other way round: client-side apply after server-side apply', async () => {
    await succeed('delete --ignore-not-found configmap/x vm/x deployment/x');
    await succeed('apply --server-side -f -', manifest('one'));
    const { code, stdout } = await kubectl(binary, ['apply', '-f', '-'], {
      kubeconfig: server.kubeconfigFile,
      home: server.home,
      input: manifest('second'),
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: all('configured') });
    expect((await objects())[0]).toMatchObject({ data: { image: 'second' } });
  });

  test('objects without tracking get a manager for what was there', async () => {
    await succeed('delete --ignore-not-found configmap/x');
    await succeed('create configmap x --from-literal=image=one');
    await succeed('patch configmap x --type=merge -p {"metadata":{"managedFields":[{}]}}');
    const bare = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {image: one}\n';
    await succeed('apply --server-side -f -', bare);
    expect(managers(JSON.parse(await succeed('get configmap x -o json --show-managed-fields')))).toEqual([
      'before-first-apply Update',
      'kubectl Apply',
    ]);
  });
});
