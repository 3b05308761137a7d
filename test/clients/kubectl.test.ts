/** What kubectl needs of a server, tried with two minor versions of the real thing. */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Result, findKubectls, kubectl } from './kubectl.ts';
import { type TestServer, startTestServer } from './server.ts';

const VM = `
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata:
  name: small
spec:
  runStrategy: Halted
  template:
    spec:
      domain:
        devices: {}
        resources: {requests: {memory: 64Mi}}
`;

describe.each(findKubectls())('kubectl $name', binary => {
  let server: TestServer;
  let home: string;

  beforeAll(async () => {
    server = await startTestServer();
    home = await mkdtemp(join(server.home, 'home-'));
  });

  afterAll(async () => {
    await server?.close();
    expect(server?.bugs).toEqual([]);
  });

  const run = (command: string, input?: string): Promise<Result> =>
    kubectl(binary, command.split(' '), {
      kubeconfig: server.kubeconfigFile,
      home,
      ...(input === undefined ? {} : { input }),
    });

  async function succeed(command: string, input?: string): Promise<string> {
    const { code, stdout, stderr } = await run(command, input);
    expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: '' });
    return stdout;
  }

  test('versions do not warn of skew', async () => {
    expect(await succeed('version')).toContain('Server Version: v1.35.');
  });

  test('discovery: resources, short names, versions', async () => {
    const resources = await succeed('api-resources --no-headers');
    expect(resources).toMatch(/^pods +po +v1 +true +Pod$/m);
    expect(resources).toMatch(/^virtualmachines +vm,vms +kubevirt.io\/v1 +true +VirtualMachine$/m);
    expect(resources).toMatch(
      /^virtualmachineclusterpreferences +vmcp,vmcps +instancetype.kubevirt.io\/v1beta1 +false +/m,
    );
    const versions = (await succeed('api-versions')).trim().split('\n');
    expect(versions).toEqual(
      expect.arrayContaining(['v1', 'apps/v1', 'kubevirt.io/v1', 'subresources.kubevirt.io/v1']),
    );
  });

  test('explain reads the OpenAPI documents', async () => {
    expect(await succeed('explain vm.spec.template.spec.domain.memory.guest')).toContain('FIELD: guest');
    expect(await succeed('explain pods.spec.containers.image')).toContain('FIELD: image <string>');
    expect((await run('explain vm.spec.nonsense')).stderr).toContain('field "nonsense" does not exist');
  });

  test('bodies in protobuf: what kubectl makes itself', async () => {
    expect(await succeed('create configmap made --from-literal=key=value')).toBe('configmap/made created\n');
    expect(await succeed('get configmap made -o jsonpath={.data.key}')).toBe('value');
    expect(await succeed('create secret generic hidden --from-literal=key=value')).toBe(
      'secret/hidden created\n',
    );
    expect(await succeed('get secret hidden -o jsonpath={.data.key}:{.type}')).toBe('dmFsdWU=:Opaque');
    expect(await succeed('create namespace fresh')).toBe('namespace/fresh created\n');
    expect(await succeed('create quota limits --hard=pods=3,requests.memory=1Gi -n fresh')).toContain(
      'created',
    );
    expect(await succeed('get quota limits -n fresh -o jsonpath={.spec.hard}')).toBe(
      '{"pods":"3","requests.memory":"1Gi"}',
    );
    expect(await succeed('create deployment web --image=nginx --replicas=0')).toBe(
      'deployment.apps/web created\n',
    );
    expect(
      await succeed('get deployment web -o jsonpath={.spec.replicas}:{.spec.selector.matchLabels.app}'),
    ).toBe('0:web');
    expect(await succeed('create clusterrole reader --verb=get,list --resource=pods')).toContain('created');
  });

  test('apply: created, unchanged, configured, on the client and on the server', async () => {
    expect(await succeed('apply -f -', VM)).toBe('virtualmachine.kubevirt.io/small created\n');
    expect(await succeed('apply -f -', VM)).toBe('virtualmachine.kubevirt.io/small unchanged\n');
    const more = VM.replace('64Mi', '96Mi');
    expect(await succeed('apply -f -', more)).toBe('virtualmachine.kubevirt.io/small configured\n');
    expect(await succeed('apply --server-side -f -', more)).toBe(
      'virtualmachine.kubevirt.io/small serverside-applied\n',
    );
  });

  test('tables: narrow, wide, empty, without a server-side form', async () => {
    expect(await succeed('get vm small')).toMatch(/^NAME +AGE +STATUS +READY\nsmall +\d+s/);
    expect(await succeed('get nodes -o wide')).toMatch(/^NAME +STATUS +ROLES +AGE +VERSION +INTERNAL-IP/);
    expect((await run('get vmi -n kube-public')).stderr).toBe(
      'No resources found in kube-public namespace.\n',
    );
    expect(await succeed('get vm small -o name')).toBe('virtualmachine.kubevirt.io/small\n');
    expect(JSON.parse(await succeed('get vm -o json'))).toMatchObject({
      kind: 'List',
      items: [{ kind: 'VirtualMachine' }],
    });
  });

  test('watches print what changes, wait waits for it', async () => {
    const watching = kubectl(binary, ['get', 'vm', '-w', '-o', 'jsonpath={.metadata.labels.mark}{"\\n"}'], {
      kubeconfig: server.kubeconfigFile,
      home,
      until: stdout => stdout.includes('second'),
      timeoutMs: 15_000,
    });
    const waiting = run('wait vm/small --for=jsonpath={.metadata.labels.mark}=second --timeout=15s');
    await succeed('label vm small mark=first');
    await succeed('label vm small mark=second --overwrite');
    expect((await watching).stdout).toContain('second');
    expect(await waiting).toMatchObject({
      code: 0,
      stdout: 'virtualmachine.kubevirt.io/small condition met\n',
    });
  });

  test('patches of every type', async () => {
    await succeed('patch vm small --type merge -p {"metadata":{"labels":{"how":"merge"}}}');
    expect(await succeed('get vm -l how=merge -o name')).toBe('virtualmachine.kubevirt.io/small\n');
    await succeed(
      'patch vm small --type json -p [{"op":"replace","path":"/metadata/labels/how","value":"json"}]',
    );
    expect(await succeed('get vm -l how=json -o name')).toBe('virtualmachine.kubevirt.io/small\n');
    await succeed('patch configmap made --type strategic -p {"data":{"more":"1"}}');
    expect(await succeed('get configmap made -o jsonpath={.data}')).toBe('{"key":"value","more":"1"}');
    expect((await run('patch vm small --type strategic -p {}')).stderr).toContain(
      'application/strategic-merge-patch+json is not supported by kubevirt.io/v1, Kind=VirtualMachine',
    );
  });

  test('refusals are worded as a cluster words them', async () => {
    expect((await run('get vm nobody')).stderr).toBe(
      'Error from server (NotFound): virtualmachines.kubevirt.io "nobody" not found\n',
    );
    expect((await run('get gizmos')).stderr).toBe(
      'error: the server doesn\'t have a resource type "gizmos"\n',
    );
    expect((await run('create configmap made')).stderr).toBe(
      'error: failed to create configmap: configmaps "made" already exists\n',
    );
    const unknown = VM.replace('name: small', 'name: wrong').replace(
      'runStrategy: Halted',
      'runStrategy: Halted\n  colour: red',
    );
    expect((await run('create -f -', unknown)).stderr).toContain(
      'strict decoding error: unknown field "spec.colour"',
    );
    expect((await run('get --raw /api/v1/gizmos')).stderr).toContain(
      'the server could not find the requested resource',
    );
  });

  test('dry runs change nothing', async () => {
    const other = VM.replace('name: small', 'name: dry');
    expect(await succeed('create --dry-run=server -f -', other)).toBe(
      'virtualmachine.kubevirt.io/dry created (server dry run)\n',
    );
    expect((await run('get vm dry')).code).toBe(1);
  });

  test('delete waits until it is gone', async () => {
    expect(await succeed('delete vm small')).toContain('virtualmachine.kubevirt.io "small" deleted');
    expect((await run('get vm small')).code).toBe(1);
  });

  test('the token is as good as the certificate, nothing else is', async () => {
    expect(await succeed('--context kubevirt-simulator-token get ns default -o name')).toBe(
      'namespace/default\n',
    );
    const stranger = join(server.home, 'stranger');
    const text = await readFile(server.kubeconfigFile, 'utf8');
    await writeFile(stranger, text.replace(/token: .*/, 'token: wrong'));
    const refused = await kubectl(binary, ['--context', 'kubevirt-simulator-token', 'get', 'ns'], {
      kubeconfig: stranger,
      home,
    });
    expect(refused.stderr).toContain('You must be logged in to the server');
  });
});
