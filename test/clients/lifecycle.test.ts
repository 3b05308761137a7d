/** A VM's life as people follow it at a terminal, with the columns, events and words of a real cluster. */
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { send } from './http.ts';
import { findKubectls } from './kubectl.ts';
import { type TestServer, startTestServer } from './server.ts';
import { type Session, eventually, openSession } from './session.ts';

const VM = (name: string, { memory = '64Mi', extra = '' } = {}) => `
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata:
  name: ${name}
  labels: {app: ${name}}
spec:
  runStrategy: Halted
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      terminationGracePeriodSeconds: 0
      domain:
        memory: {guest: ${memory}}
        devices:
          disks: [{name: root, disk: {bus: virtio}}]
          interfaces: [{name: default, masquerade: {}}]
      networks: [{name: default, pod: {}}]
      volumes: [{name: root, containerDisk: {image: quay.io/containerdisks/fedora}}]
${extra}`;

/** The lines of a table, with their gaps closed. */
const lines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map(line => line.trim().replace(/ +/g, ' '));

/** Tables of several kinds, by their header. */
const headers = (text: string) => text.split('\n\n').map(table => lines(table)[0]);

const withoutRepeats = (values: readonly string[]) =>
  values.filter((value, index) => value !== values[index - 1]);

describe.each(findKubectls())('with kubectl $name', binary => {
  let server: TestServer;
  let me: Session;

  beforeAll(async () => {
    server = await startTestServer();
    me = await openSession(binary, server);
    await me.apply(VM('test'));
  });

  afterAll(async () => {
    await server?.close();
    expect(server?.bugs).toEqual([]);
  });

  const action = (name: string, vm = 'test') =>
    send(server, `/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines/${vm}/${name}`, {
      method: 'PUT',
    });
  const status = async (vm = 'test') => me.succeed(`get vm ${vm} -o jsonpath={.status.printableStatus}`);
  const runningNode = () => me.succeed('get vmi test -o jsonpath={.status.nodeName}');

  describe('from start to end', () => {
    test('watches show each step of a start', async () => {
      const watch = (what: string, last: RegExp) =>
        me.run(`get ${what} -w -o wide`, { until: text => last.test(text), timeoutMs: 20_000 });
      const vms = watch('vm', / Running +True/);
      const vmis = watch('vmi', / Running .* True /);
      const pods = watch('pods', / 2\/2 +Running /);
      await new Promise(resolve => setTimeout(resolve, 1_000));
      expect((await action('start')).code).toBe(202);

      const vmLines = lines((await vms).stdout);
      expect(vmLines[0]).toBe('NAME AGE STATUS READY');
      expect(withoutRepeats(vmLines.slice(1).map(line => line.split(' ')[2] ?? ''))).toEqual([
        'Stopped',
        'Starting',
        'Running',
      ]);
      const vmiLines = lines((await vmis).stdout);
      expect(vmiLines[0]).toBe('NAME AGE PHASE IP NODENAME READY LIVE-MIGRATABLE PAUSED');
      expect(withoutRepeats(vmiLines.slice(1).map(line => line.split(' ')[2] ?? ''))).toEqual([
        'Pending',
        'Scheduling',
        'Scheduled',
        'Running',
      ]);
      expect(vmiLines.at(-1)).toMatch(/^test \d+s Running 10\.\d+\.\d+\.\d+ node0\d True True$/);
      const podLines = lines((await pods).stdout);
      expect(podLines[0]).toBe('NAME READY STATUS RESTARTS AGE IP NODE NOMINATED NODE READINESS GATES');
      expect(podLines[1]).toMatch(
        /^virt-launcher-test-[a-z0-9]{5} 0\/2 Pending 0 \d+s <none> <none> <none> /,
      );
      expect(podLines.at(-1)).toMatch(
        /^virt-launcher-test-[a-z0-9]{5} 2\/2 Running 0 \d+s 10\.\d+\.\d+\.\d+ node0\d <none> 1\/1$/,
      );
    });

    test('all of it at once, wide', async () => {
      const text = await me.succeed('get vm,vmi,pods,nodes -o wide');
      expect(headers(text)).toEqual([
        'NAME AGE STATUS READY',
        'NAME AGE PHASE IP NODENAME READY LIVE-MIGRATABLE PAUSED',
        'NAME READY STATUS RESTARTS AGE IP NODE NOMINATED NODE READINESS GATES',
        'NAME STATUS ROLES AGE VERSION INTERNAL-IP EXTERNAL-IP OS-IMAGE KERNEL-VERSION CONTAINER-RUNTIME',
      ]);
      expect(text).toMatch(/^virtualmachine\.kubevirt\.io\/test +\d+s +Running +True$/m);
      expect(text).toMatch(/^virtualmachineinstance\.kubevirt\.io\/test +\d+s +Running +10\./m);
      expect(text).toMatch(/^pod\/virt-launcher-test-[a-z0-9]{5} +2\/2 +Running +0 /m);
      expect(text).toMatch(/^node\/node01 +Ready +\S+ +\S+ +v1\.35\.\d+ +[\d.]+ +<none> +\S/m);
    });

    test('narrow, the optional columns are gone', async () => {
      expect(headers(await me.succeed('get vm,vmi,pods,nodes'))).toEqual([
        'NAME AGE STATUS READY',
        'NAME AGE PHASE IP NODENAME READY',
        'NAME READY STATUS RESTARTS AGE',
        'NAME STATUS ROLES AGE VERSION',
      ]);
    });

    test('waits end when it is so, and say when it is not', async () => {
      expect(await me.succeed('wait vm/test vmi/test --for=condition=Ready --timeout=10s')).toBe(
        'virtualmachine.kubevirt.io/test condition met\nvirtualmachineinstance.kubevirt.io/test condition met\n',
      );
      const late = await me.run('wait vm/test --for=condition=Paused --timeout=1s');
      expect(late).toEqual({
        code: 1,
        stdout: '',
        stderr: 'error: timed out waiting for the condition on virtualmachines/test\n',
      });
    });

    test('describe tells the story in events', async () => {
      const vm = await me.succeed('describe vm test');
      expect(vm).toMatch(/^Name: +test\nNamespace: +default\nLabels: +app=test\n/);
      expect(vm).toMatch(/^API Version: +kubevirt\.io\/v1\nKind: +VirtualMachine\n/m);
      expect(vm).toMatch(/^ {2}Printable Status: +Running$/m);
      expect(vm).toMatch(
        /^ {2}Normal +SuccessfulCreate +\d+s +virt-controller +Started the virtual machine by creating the new virtual machine instance test$/m,
      );
      const vmi = await me.succeed('describe vmi test');
      for (const event of [
        /^ {2}Normal +SuccessfulCreate +\d+s +virt-controller +Created virtual machine pod virt-launcher-test-[a-z0-9]{5}$/m,
        /^ {2}Normal +Created +\d+s +virt-handler +VirtualMachineInstance defined\.$/m,
        /^ {2}Normal +Started +\d+s +virt-handler +VirtualMachineInstance started\.$/m,
      ]) {
        expect(vmi).toMatch(event);
      }
      const pod = await me.succeed('describe pods -l kubevirt.io=virt-launcher');
      expect(pod).toMatch(/^Controlled By: +VirtualMachineInstance\/test$/m);
      expect(pod).toMatch(
        /^ {2}Normal +Scheduled +\d+s +default-scheduler +Successfully assigned default\/virt-launcher-test-[a-z0-9]{5} to node0\d$/m,
      );
      const node = await me.succeed(`describe node ${await runningNode()}`);
      expect(node).toMatch(/^ {2}default +virt-launcher-test-[a-z0-9]{5} /m);
      expect(node).toMatch(/^ {2}devices\.kubevirt\.io\/kvm: +1k$/m);
    });

    test('what a pod limits it requests, too', async () => {
      const [pod] = (await me.json('pods -l kubevirt.io=virt-launcher')).items;
      const { limits, requests } = pod.spec.containers[0].resources;
      expect(limits['devices.kubevirt.io/kvm']).toBe('1');
      expect(requests['devices.kubevirt.io/kvm']).toBe('1');
      const node = await me.succeed(`describe node ${await runningNode()}`);
      expect(/^ {2}devices\.kubevirt\.io\/kvm +(\S+) +(\S+)$/m.exec(node)?.slice(1)).toEqual(['1', '1']);
    });

    test('a restart makes another VMI', async () => {
      const uid = () => me.run('get vmi test -o jsonpath={.metadata.uid}').then(result => result.stdout);
      const before = await uid();
      expect((await action('restart')).code).toBe(202);
      await eventually('a new VMI', async () => !['', before].includes(await uid()));
      await me.succeed('wait vm/test --for=condition=Ready --timeout=10s');
      expect(await status()).toBe('Running');
    });

    test('a stop: Stopping, Stopped, and nothing is left', async () => {
      const watching = me.run('get vm test -w', { until: text => / Stopped /.test(text), timeoutMs: 20_000 });
      await new Promise(resolve => setTimeout(resolve, 1_000));
      expect((await action('stop')).code).toBe(202);
      const seen = withoutRepeats(
        lines((await watching).stdout)
          .slice(1)
          .map(line => line.split(' ')[2] ?? ''),
      );
      expect(seen).toEqual(['Running', 'Stopping', 'Stopped']);
      await eventually('no pod', async () => (await me.run('get vmi,pods')).stdout === '');
      const { stdout } = await me.run('describe vm test');
      expect(stdout).toMatch(
        /Normal +SuccessfulDelete .* virt-controller +Stopped the virtual machine by deleting the virtual machine instance [0-9a-f-]{36}$/m,
      );
    });

    test('events, by time, by field and by object', async () => {
      const text = await me.succeed('get events');
      expect(lines(text)[0]).toBe('LAST SEEN TYPE REASON OBJECT MESSAGE');
      expect(text).toMatch(
        /^\S+ +Normal +Started +virtualmachineinstance\/test +VirtualMachineInstance started\.$/m,
      );
      expect(lines(await me.succeed('get events -o wide'))[0]).toBe(
        'LAST SEEN TYPE REASON OBJECT SUBOBJECT SOURCE MESSAGE FIRST SEEN COUNT NAME',
      );
      const chosen = await me.succeed(
        'get events --field-selector involvedObject.kind=VirtualMachine,reason=SuccessfulDelete --no-headers',
      );
      expect(chosen).toMatch(/^(\S+ +Normal +SuccessfulDelete +virtualmachine\/test .*\n)+$/);
      expect(await me.succeed('events --for vm/test --types=Normal')).toMatch(
        /VirtualMachine\/test +Started the virtual machine/,
      );
      await me.succeed('get events --sort-by=.lastTimestamp');
    });

    test('a deleted VM takes its VMI and pod along', async () => {
      await me.apply(VM('short'));
      await action('start', 'short');
      await me.succeed('wait vm/short --for=condition=Ready --timeout=10s');
      expect(await me.succeed('delete vm short')).toMatch(
        /^virtualmachine\.kubevirt\.io "short" deleted( from default namespace)?\n$/,
      );
      expect(await me.fail('get vm short')).toBe(
        'Error from server (NotFound): virtualmachines.kubevirt.io "short" not found\n',
      );
      await eventually(
        'nothing of it',
        async () => (await me.run('get vmi,pods -l app=short')).stdout === '',
      );
    });

    test('a deleted pod ends its VMI, and a VM that always runs starts another', async () => {
      await me.apply(VM('again').replace('Halted', 'Always'));
      await me.succeed('wait vm/again --for=condition=Ready --timeout=10s');
      const pod = await me.succeed('get pods -l app=again -o name');
      expect(await me.succeed(`delete ${pod.trim()}`)).toContain('deleted');
      await eventually('another pod', async () => {
        const now = await me.run('get pods -l app=again --field-selector status.phase=Running -o name');
        return now.stdout !== '' && now.stdout !== pod;
      });
      await me.succeed('wait vm/again --for=condition=Ready --timeout=10s');
      await me.succeed('delete vm again');
    });

    test('a VM that fits nowhere says so', async () => {
      await me.apply(VM('huge', { memory: '4000Gi' }).replace('Halted', 'Always'));
      await eventually('unschedulable', async () => (await status('huge')) === 'ErrorUnschedulable');
      expect(await me.succeed('get vm huge --no-headers')).toMatch(
        /^huge +\d+s +ErrorUnschedulable +False\n$/,
      );
      expect(await me.succeed('describe pods -l app=huge')).toMatch(
        /Warning +FailedScheduling +\S+( \(.*\))? +default-scheduler +0\/3 nodes are available: 3 Insufficient memory\./,
      );
      await me.succeed('delete vm huge');
    });
  });

  describe('what kubectl knows of the kinds', () => {
    test('explain', async () => {
      const text = await me.succeed('explain vm.spec.template.spec.domain');
      expect(text).toMatch(
        /^GROUP: +kubevirt\.io\nKIND: +VirtualMachine\nVERSION: +v1\n\nFIELD: domain <Object>/,
      );
      expect(text).toMatch(/^ {2}devices\t<Object> -required-$/m);
      expect(await me.succeed('explain vmi')).toMatch(
        /^GROUP: +kubevirt\.io\nKIND: +VirtualMachineInstance\n/,
      );
      expect(await me.succeed('explain vmp.spec.devices.preferredDiskBus')).toContain(
        'FIELD: preferredDiskBus <string>',
      );
      expect(await me.succeed('explain vm --recursive')).toMatch(/^ +runStrategy\t<string>$/m);
    });

    test('api-resources: short names, groups, categories', async () => {
      const rows = lines(await me.succeed('api-resources --no-headers'));
      expect(rows).toEqual(
        expect.arrayContaining([
          'virtualmachineinstances vmi,vmis kubevirt.io/v1 true VirtualMachineInstance',
          'virtualmachineinstancemigrations vmim,vmims kubevirt.io/v1 true VirtualMachineInstanceMigration',
          'virtualmachineinstancereplicasets vmirs,vmirss kubevirt.io/v1 true VirtualMachineInstanceReplicaSet',
          'kubevirts kv,kvs kubevirt.io/v1 true KubeVirt',
          'virtualmachineinstancetypes vminstancetype,vminstancetypes,vmf,vmfs instancetype.kubevirt.io/v1beta1 true VirtualMachineInstancetype',
          'virtualmachinepreferences vmpref,vmprefs,vmp,vmps instancetype.kubevirt.io/v1beta1 true VirtualMachinePreference',
          'virtualmachinepools vmpool,vmpools pool.kubevirt.io/v1beta1 true VirtualMachinePool',
          'virtualmachinesnapshots vmsnapshot,vmsnapshots snapshot.kubevirt.io/v1beta1 true VirtualMachineSnapshot',
          'datavolumes dv,dvs cdi.kubevirt.io/v1beta1 true DataVolume',
          'migrationpolicies migrations.kubevirt.io/v1alpha1 false MigrationPolicy',
        ]),
      );
      const all = await me.succeed('api-resources --categories=all -o name');
      expect(all.split('\n')).toEqual(
        expect.arrayContaining([
          'pods',
          'virtualmachines.kubevirt.io',
          'virtualmachineinstances.kubevirt.io',
        ]),
      );
      expect(all).not.toContain('virtualmachineclusterpreferences');
    });

    test('get all lists VMs', async () => {
      const { code, stdout, stderr } = await me.run('get all');
      expect(code).toBe(0);
      expect(stdout).toMatch(/^virtualmachine\.kubevirt\.io\/test +\S+ +Stopped +False$/m);
      expect(stdout).toMatch(/^service\/kubernetes +ClusterIP +10\.96\.0\.1 +<none> +443\/TCP /m);
      expect(stderr).toBe(
        'Warning: kubevirt.io/v1 VirtualMachineInstancePresets is now deprecated and will be removed in v2.\n',
      );
    });

    test('the installed KubeVirt', async () => {
      expect(await me.succeed('get kubevirt -n kubevirt --no-headers')).toMatch(
        /^kubevirt +\S+ +Deployed\n$/,
      );
      expect(await me.succeed('wait kv/kubevirt -n kubevirt --for=condition=Available')).toContain(
        'condition met',
      );
      const deployments = await me.succeed('get deploy -n kubevirt --no-headers');
      for (const name of ['virt-api', 'virt-controller', 'virt-operator'])
        expect(deployments).toMatch(new RegExp(`^${name} +2/2 +2 +2 `, 'm'));
      expect(await me.succeed('get ds virt-handler -n kubevirt --no-headers')).toMatch(
        /^virt-handler +3 +3 +3 +3 +3 /,
      );
      expect(await me.succeed('get crd virtualmachines.kubevirt.io -o name')).toBe(
        'customresourcedefinition.apiextensions.k8s.io/virtualmachines.kubevirt.io\n',
      );
      expect(await me.succeed('get apiservice v1.subresources.kubevirt.io --no-headers')).toMatch(
        /^v1\.subresources\.kubevirt\.io +kubevirt\/virt-api +True +/,
      );
    });
  });

  describe('choosing and sorting', () => {
    const NAMES = ['alpha', 'beta', 'gamma'];

    beforeAll(async () => {
      await me.apply(NAMES.map(name => VM(name)).join('---'));
    });

    test('-o name, custom columns, JSON path, template', async () => {
      expect(await me.succeed('get vm -l app!=test -o name')).toBe(
        NAMES.map(name => `virtualmachine.kubevirt.io/${name}\n`).join(''),
      );
      expect(
        lines(
          await me.succeed(
            'get vm beta -o custom-columns=VM:.metadata.name,MEM:.spec.template.spec.domain.memory.guest',
          ),
        ),
      ).toEqual(['VM MEM', 'beta 64Mi']);
      expect(await me.succeed('get vm -o jsonpath={.items[*].metadata.name}')).toBe('alpha beta gamma test');
      expect(
        await me.succeed(['get', 'vm', '-o', 'go-template={{range .items}}{{.metadata.name}};{{end}}']),
      ).toBe('alpha;beta;gamma;test;');
    });

    test('--sort-by, both ways of a server-side table', async () => {
      const names = (text: string) =>
        lines(text)
          .slice(1)
          .map(line => line.split(' ')[0]);
      const sorted = names(await me.succeed('get vm --sort-by=.metadata.name'));
      expect(sorted).toEqual(['alpha', 'beta', 'gamma', 'test']);
      const byAge = names(await me.succeed('get vm --sort-by=.metadata.creationTimestamp'));
      expect(byAge[0]).toBe('test');
    });

    test('-l: equality, sets, existence', async () => {
      const found = (selector: string) => me.succeed(['get', 'vm', '-o', 'name', '-l', selector]);
      expect(await found('app=beta')).toBe('virtualmachine.kubevirt.io/beta\n');
      expect((await found('app in (alpha,gamma)')).split('\n')).toHaveLength(3);
      expect(await found('app notin (alpha,gamma,test)')).toBe('virtualmachine.kubevirt.io/beta\n');
      expect(await found('!app')).toBe('');
      expect(await me.succeed('get vm -l app=beta -L app --show-labels --no-headers')).toMatch(
        /^beta +\S+ +Stopped +False +beta +app=beta\n$/,
      );
    });

    test('--field-selector: what a kind knows', async () => {
      expect(await me.succeed('get vm --field-selector metadata.name=beta -o name')).toBe(
        'virtualmachine.kubevirt.io/beta\n',
      );
      expect(await me.fail('get vm --field-selector spec.runStrategy=Halted')).toBe(
        'Error from server (BadRequest): Unable to find "kubevirt.io/v1, Resource=virtualmachines" that match label selector "", field selector "spec.runStrategy=Halted": "spec.runStrategy" is not a known field selector: only "metadata.name", "metadata.namespace"\n',
      );
      expect(await me.fail('get pods --field-selector foo=bar')).toBe(
        'Error from server (BadRequest): Unable to find "/v1, Resource=pods" that match label selector "", field selector "foo=bar": field label not supported: foo\n',
      );
    });

    test('--chunk-size: the same list in pieces', async () => {
      const whole = await me.succeed('get virtualmachineclusterpreferences -o name');
      expect(whole.split('\n').length).toBeGreaterThan(20);
      expect(await me.succeed('get vmcp -o name --chunk-size=3')).toBe(whole);
    });

    test('-A and -n', async () => {
      expect(await me.succeed('get pods -A --no-headers')).toMatch(
        /^kubevirt +virt-handler-[a-z0-9]{5} +1\/1 +Running /m,
      );
      expect((await me.run('get vm -n kube-system')).stderr).toBe(
        'No resources found in kube-system namespace.\n',
      );
    });
  });

  describe('changing', () => {
    test('label and annotate', async () => {
      expect(await me.succeed('label vm test tier=gold')).toBe('virtualmachine.kubevirt.io/test labeled\n');
      expect(await me.fail('label vm test tier=silver')).toBe(
        "error: 'tier' already has a value (gold), and --overwrite is false\n",
      );
      expect(await me.succeed('label vm test tier=gold')).toBe(
        'virtualmachine.kubevirt.io/test not labeled\n',
      );
      expect(await me.succeed('label vm test tier-')).toBe('virtualmachine.kubevirt.io/test unlabeled\n');
      expect(await me.succeed('annotate vm test note=mine')).toBe(
        'virtualmachine.kubevirt.io/test annotated\n',
      );
      expect(await me.succeed('get vm test -o jsonpath={.metadata.labels}{.metadata.annotations.note}')).toBe(
        '{"app":"test"}mine',
      );
    });

    test('a map that loses its last entry is gone', async () => {
      await me.succeed('create namespace bare');
      await me.succeed('apply -n bare -f -', { input: VM('bare').replace('  labels: {app: bare}\n', '') });
      await me.succeed('label vm bare -n bare a=b');
      await me.succeed('label vm bare -n bare a-');
      const { labels } = (await me.json('vm bare -n bare')).metadata;
      await me.succeed('delete namespace bare');
      expect(labels).toBeUndefined();
    });

    test('edit', async () => {
      const editor = join(me.home, 'editor.sh');
      await writeFile(editor, '#!/bin/sh\nsed -i "s/guest: 64Mi/guest: 96Mi/" "$1"\n');
      await chmod(editor, 0o755);
      const edited = await me.run('edit vm test', { environment: { EDITOR: editor } });
      expect(edited).toEqual({ code: 0, stdout: 'virtualmachine.kubevirt.io/test edited\n', stderr: '' });
      expect(await me.succeed('get vm test -o jsonpath={.spec.template.spec.domain.memory.guest}')).toBe(
        '96Mi',
      );
      const untouched = await me.run('edit vm test', { environment: { EDITOR: 'true' } });
      expect(untouched.code).toBe(0);
      expect(untouched.stdout + untouched.stderr).toBe('Edit cancelled, no changes made.\n');
    });

    test('diff: 0 for the same, 1 for a difference', async () => {
      const same = await me.run('diff -f -', { input: VM('test', { memory: '96Mi' }) });
      expect([same.code, same.stdout]).toEqual([0, '']);
      const other = await me.run('diff -f -', { input: VM('test', { memory: '128Mi' }) });
      expect(other.code).toBe(1);
      expect(other.stdout).toMatch(/^- +guest: 96Mi$/m);
      expect(other.stdout).toMatch(/^\+ +guest: 128Mi$/m);
      expect(await me.succeed('get vm test -o jsonpath={.spec.template.spec.domain.memory.guest}')).toBe(
        '96Mi',
      );
    });

    test('replace, and replace --force', async () => {
      const current = await me.succeed('get vm test -o yaml');
      expect(await me.succeed('replace -f -', { input: current })).toBe(
        'virtualmachine.kubevirt.io/test replaced\n',
      );
      const { uid } = (await me.json('vm test')).metadata;
      expect(await me.succeed('replace --force -f -', { input: VM('test') })).toContain(
        'virtualmachine.kubevirt.io/test replaced',
      );
      expect((await me.json('vm test')).metadata.uid).not.toBe(uid);
    });

    test('scale has no place on a VM, and one on a replica set of VMs', async () => {
      expect((await me.run('scale vm test --replicas=2')).code).toBe(1);
      expect(await me.succeed('explain vmirs.spec.replicas')).toContain('FIELD: replicas <integer>');
    });

    test('cordon, uncordon, taint', async () => {
      expect(await me.succeed('cordon node01')).toBe('node/node01 cordoned\n');
      expect(await me.succeed('get node node01 --no-headers')).toMatch(/^node01 +Ready,SchedulingDisabled +/);
      expect(await me.succeed('cordon node01')).toBe('node/node01 already cordoned\n');
      expect(await me.succeed('uncordon node01')).toBe('node/node01 uncordoned\n');
      expect(await me.succeed('taint node node01 key=value:NoSchedule')).toBe('node/node01 tainted\n');
      expect(await me.succeed('taint node node01 key-')).toBe('node/node01 untainted\n');
    });

    test('drain: the VM leaves the node', async () => {
      await action('start');
      await me.succeed('wait vm/test --for=condition=Ready --timeout=10s');
      const node = await runningNode();
      const drained = await me.run(
        `drain ${node} --ignore-daemonsets --delete-emptydir-data --force --timeout=30s --pod-selector=kubevirt.io=virt-launcher`,
      );
      expect(drained).toMatchObject({ code: 0 });
      expect(drained.stdout).toMatch(
        new RegExp(
          `^node/${node} cordoned\n[^]*pod/virt-launcher-test-[a-z0-9]{5} evicted\nnode/${node} drained\n$`,
        ),
      );
      await eventually('it runs elsewhere', async () => {
        const now = (await me.run('get vmi test -o jsonpath={.status.phase}:{.status.nodeName}')).stdout;
        return now.startsWith('Running:') && now !== `Running:${node}`;
      });
      await me.succeed(`uncordon ${node}`);
    });

    test('a namespace empties itself', async () => {
      await me.succeed('create namespace crowded');
      await me.succeed('apply -n crowded -f -', { input: VM('inside').replace('Halted', 'Always') });
      await me.succeed('wait vm/inside -n crowded --for=condition=Ready --timeout=10s');
      expect(await me.succeed('delete namespace crowded')).toBe('namespace "crowded" deleted\n');
      expect((await me.run('get vm,vmi,pods -n crowded')).stdout).toBe('');
    });
  });
});
