/**
 * The example that this project grew from, command by command: a preference fills in what a VM leaves open and never
 * overrides what its owner chose; the VM itself stays as it was written.
 */
import { execFileSync, spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { send } from './http.ts';
import { findKubectls } from './kubectl.ts';
import { type TestServer, startTestServer } from './server.ts';
import { type Session, eventually, openSession } from './session.ts';

const VM = 'example-preference-user-override';

const MANIFEST = `---
apiVersion: instancetype.kubevirt.io/v1beta1
kind: VirtualMachinePreference
metadata:
  name: example-preference-disk-virtio
spec:
  devices:
    preferredDiskBus: virtio
---
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata:
  name: example-preference-user-override
spec:
  preference:
    kind: VirtualMachinePreference
    name: example-preference-disk-virtio
  running: false
  template:
    spec:
      domain:
        memory:
          guest: 128Mi
        devices:
          disks:
          - disk:
              bus: sata
            name: containerdisk
          - disk: {}
            name: cloudinitdisk
        resources: {}
      terminationGracePeriodSeconds: 0
      volumes:
      - containerDisk:
          image: registry:5000/kubevirt/cirros-container-disk-demo:devel
        name: containerdisk
      - cloudInitNoCloud:
          userData: |
            #!/bin/sh

            echo 'printed from cloud-init userdata'
        name: cloudinitdisk
`;

/** The same VM before its owner thought of a preference. */
const VM_BEFORE = MANIFEST.slice(MANIFEST.lastIndexOf('---')).replace(/ {2}preference:\n.*\n.*\n/, '');

/** What the document shows of the VM. */
const DISKS_OF_THE_VM = `[
  {
    "disk": {
      "bus": "sata"
    },
    "name": "containerdisk"
  },
  {
    "disk": {},
    "name": "cloudinitdisk"
  }
]`;

/** What the document shows of the VMI. */
const DISKS_OF_THE_VMI = `[
  {
    "disk": {
      "bus": "sata"
    },
    "name": "containerdisk"
  },
  {
    "disk": {
      "bus": "virtio"
    },
    "name": "cloudinitdisk"
  }
]`;

const RUNNING_IS_DEPRECATED = 'Warning: spec.running is deprecated, please use spec.runStrategy instead.\n';

const INTERFACES = `
apiVersion: instancetype.kubevirt.io/v1beta1
kind: VirtualMachinePreference
metadata:
  name: example-preference
spec:
  devices:
    preferredDiskBus: virtio
    preferredInterfaceModel: virtio
---
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata:
  name: open-model
spec:
  preference: {kind: VirtualMachinePreference, name: example-preference}
  runStrategy: Always
  template:
    spec:
      domain:
        memory: {guest: 64Mi}
        devices:
          disks: [{name: containerdisk, disk: {}}]
          interfaces: [{name: default, masquerade: {}}]
      networks: [{name: default, pod: {}}]
      volumes: [{name: containerdisk, containerDisk: {image: quay.io/containerdisks/fedora}}]
---
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata:
  name: chosen-model
spec:
  preference: {kind: VirtualMachinePreference, name: example-preference}
  runStrategy: Always
  template:
    spec:
      domain:
        memory: {guest: 64Mi}
        devices:
          disks: [{name: containerdisk, disk: {bus: scsi}}]
          interfaces: [{name: default, masquerade: {}, model: e1000e}]
      networks: [{name: default, pod: {}}]
      volumes: [{name: containerdisk, containerDisk: {image: quay.io/containerdisks/fedora}}]
`;

function findVirtctl(): string | undefined {
  try {
    execFileSync('virtctl', ['version', '--client'], { stdio: 'ignore' });
    return 'virtctl';
  } catch {
    return undefined;
  }
}

/** `virtctl ARGS`: the code it ends with and its stdout. */
function runVirtctl(args: string[], server: TestServer): Promise<{ code: number | null; stdout: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('virtctl', args, { env: { ...process.env, KUBECONFIG: server.kubeconfigFile } });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
    });
    child.on('error', reject);
    child.on('close', code => resolve({ code, stdout }));
  });
}

describe.each(findKubectls())('the example with kubectl $name', binary => {
  let server: TestServer;
  let me: Session;

  beforeAll(async () => {
    server = await startTestServer();
    me = await openSession(binary, server);
  });

  afterAll(async () => {
    await server?.close();
    expect(server?.bugs).toEqual([]);
  });

  /** As `| jq .spec…disks` prints it. */
  const jq = (value: unknown) => JSON.stringify(value, null, 2);
  const vm = () => me.json(`vms/${VM}`);
  const vmi = () => me.json(`vmis/${VM}`);
  const running = () => me.succeed(`wait vmi/${VM} --for=jsonpath={.status.phase}=Running --timeout=10s`);
  const gone = () => eventually('no VMI', async () => (await me.run(`get vmi ${VM}`)).code === 1);
  const action = (name: string, body?: string) =>
    send(server, `/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines/${VM}/${name}`, {
      method: 'PUT',
      ...(body === undefined ? {} : { body }),
    });

  async function expectTheDocumentedDisks(): Promise<void> {
    expect(jq((await vm()).spec.template.spec.domain.devices.disks)).toBe(DISKS_OF_THE_VM);
    expect(jq((await vmi()).spec.domain.devices.disks)).toBe(DISKS_OF_THE_VMI);
  }

  test('the VM is there already when the preference comes: created, configured', async () => {
    expect(await me.run('apply -f -', { input: VM_BEFORE })).toEqual({
      code: 0,
      stdout: `virtualmachine.kubevirt.io/${VM} created\n`,
      stderr: RUNNING_IS_DEPRECATED,
    });
    expect(await me.run('apply -f -', { input: MANIFEST })).toEqual({
      code: 0,
      stdout:
        'virtualmachinepreference.instancetype.kubevirt.io/example-preference-disk-virtio created\n' +
        `virtualmachine.kubevirt.io/${VM} configured\n`,
      stderr: RUNNING_IS_DEPRECATED,
    });
  });

  test('from scratch: both created; once more: both unchanged', async () => {
    await me.succeed(`delete vm/${VM} vmp/example-preference-disk-virtio`);
    const applied = (how: string) =>
      `virtualmachinepreference.instancetype.kubevirt.io/example-preference-disk-virtio ${how}\n` +
      `virtualmachine.kubevirt.io/${VM} ${how}\n`;
    expect((await me.run('apply -f -', { input: MANIFEST })).stdout).toBe(applied('created'));
    expect(await me.run('apply -f -', { input: MANIFEST })).toEqual({
      code: 0,
      stdout: applied('unchanged'),
      stderr: '',
    });
  });

  test('it does not run before it is told to', async () => {
    await eventually('Stopped', async () => (await vm()).status?.printableStatus === 'Stopped');
    expect(await me.succeed(`get vm ${VM}`)).toMatch(
      new RegExp(`^NAME +AGE +STATUS +READY\n${VM} +\\d+s +Stopped +False\n$`),
    );
    expect((await me.run('get vmi,pods')).stderr).toBe('No resources found in default namespace.\n');
    expect((await vm()).spec.running).toBe(false);
  });

  test('a start through the subresource: accepted, and the VM says so', async () => {
    const answer = await action('start', '{}');
    expect([answer.code, answer.text]).toEqual([202, '']);
    await running();
    expect((await vm()).spec.running).toBe(true);
    expect((await vm()).spec.runStrategy).toBeUndefined();
    await expectTheDocumentedDisks();
  });

  test('a second start is refused', async () => {
    const answer = await action('start');
    expect([answer.code, answer.json.message]).toEqual([
      409,
      `Operation cannot be fulfilled on virtualmachine.kubevirt.io "${VM}": VM is already running`,
    ]);
  });

  test('the VMI says which preference it was made with', async () => {
    const { metadata } = await vmi();
    expect(metadata.annotations['kubevirt.io/preference-name']).toBe('example-preference-disk-virtio');
    expect(metadata.ownerReferences).toEqual([
      expect.objectContaining({ kind: 'VirtualMachine', name: VM, controller: true }),
    ]);
    const { preferenceRef } = (await vm()).status;
    const revision = await me.json(`controllerrevisions/${preferenceRef.controllerRevisionRef.name}`);
    expect(revision.data.spec).toEqual({ devices: { preferredDiskBus: 'virtio' } });
  });

  test('a stop through the subresource', async () => {
    expect((await action('stop')).code).toBe(202);
    await gone();
    expect((await vm()).spec.running).toBe(false);
    expect((await action('stop')).json.message).toBe(
      `Operation cannot be fulfilled on virtualmachine.kubevirt.io "${VM}": VM is not running`,
    );
  });

  test('a start by spec.running', async () => {
    const patched = await me.run(`patch vm ${VM} --type merge -p {"spec":{"running":true}}`);
    expect(patched).toEqual({
      code: 0,
      stdout: `virtualmachine.kubevirt.io/${VM} patched\n`,
      stderr: RUNNING_IS_DEPRECATED,
    });
    await running();
    await expectTheDocumentedDisks();
    await me.run(`patch vm ${VM} --type merge -p {"spec":{"running":false}}`);
    await gone();
  });

  test('a start by spec.runStrategy', async () => {
    const strategy = (value: string) =>
      me.succeed(`patch vm ${VM} --type merge -p {"spec":{"running":null,"runStrategy":"${value}"}}`);
    expect(await strategy('Always')).toBe(`virtualmachine.kubevirt.io/${VM} patched\n`);
    await running();
    await expectTheDocumentedDisks();
    await strategy('Halted');
    await gone();
    expect((await action('start')).code).toBe(202);
    await running();
    expect((await vm()).spec).toMatchObject({ runStrategy: 'Always' });
    expect((await action('stop')).code).toBe(202);
    await gone();
    expect((await vm()).spec).toMatchObject({ runStrategy: 'Halted' });
  });

  test('a start with virtctl', async context => {
    if (!findVirtctl()) {
      context.skip('there is no virtctl on PATH');
      return;
    }
    expect(await runVirtctl(['start', VM], server)).toEqual({
      code: 0,
      stdout: `VM ${VM} was scheduled to start\n`,
    });
    await running();
    await expectTheDocumentedDisks();
    expect((await runVirtctl(['stop', VM], server)).stdout).toBe(`VM ${VM} was scheduled to stop\n`);
    await gone();
  });

  test('kubectl alone can start it, too: `replace --raw`', async () => {
    const path = `/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines/${VM}/start`;
    const { code, stderr } = await me.run(`replace --raw ${path} -f -`, { input: '{}' });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    await running();
  });

  test('a preferred interface model works the same way', async () => {
    await me.apply(INTERFACES);
    await me.succeed('wait vmi/open-model vmi/chosen-model --for=condition=Ready --timeout=10s');
    const devices = async (name: string) => {
      const { disks, interfaces } = (await me.json(`vmi ${name}`)).spec.domain.devices;
      return [disks[0].disk.bus, interfaces[0].model];
    };
    expect(await devices('open-model')).toEqual(['virtio', 'virtio']);
    expect(await devices('chosen-model')).toEqual(['scsi', 'e1000e']);
    const { disks, interfaces } = (await me.json('vm open-model')).spec.template.spec.domain.devices;
    expect([disks, interfaces]).toEqual([
      [{ name: 'containerdisk', disk: {} }],
      [{ name: 'default', masquerade: {} }],
    ]);
  });

  test('an unknown VM cannot be started', async () => {
    const answer = await send(
      server,
      '/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines/nobody/start',
      { method: 'PUT' },
    );
    expect([answer.code, answer.json.message]).toEqual([
      404,
      'virtualmachine.kubevirt.io "nobody" not found',
    ]);
  });
});
