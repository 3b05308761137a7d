/**
 * What a real cluster refuses, with its code and its words, as a person sees it with kubectl; and that a refusal leaves no
 * trace: no revision is used.
 */
import { once } from 'node:events';
import { connect } from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { open, send } from './http.ts';
import { findKubectls } from './kubectl.ts';
import { type TestServer, startTestServer } from './server.ts';
import { type Session, eventually, openSession } from './session.ts';

const VMS = '/apis/kubevirt.io/v1/namespaces/default/virtualmachines';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const SMALL = 'domain: {devices: {}, memory: {guest: 64Mi}}';

/** A VM in one line of YAML a part. */
const vm = (name: string, spec: string) => `apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {name: ${name}}
spec: ${spec}
`;
const halted = (name: string, template: string, more = '') =>
  vm(name, `{runStrategy: Halted, ${more}template: {spec: {${template}}}}`);

describe.each(findKubectls())('with kubectl $name', binary => {
  let server: TestServer;
  let me: Session;

  beforeAll(async () => {
    server = await startTestServer();
    me = await openSession(binary, server);
    await me.apply(`${halted('taken', SMALL)}---
apiVersion: instancetype.kubevirt.io/v1beta1
kind: VirtualMachinePreference
metadata: {name: hungry}
spec: {requirements: {cpu: {guest: 4}, memory: {guest: 1Gi}}}
`);
    await eventually('the VM has settled', async () => {
      const { status } = await me.json('vm taken');
      return status?.printableStatus === 'Stopped' && status.volumeSnapshotStatuses === undefined;
    });
    await sleep(500);
  });

  afterAll(async () => {
    await server?.close();
    expect(server?.bugs).toEqual([]);
  });

  /** All that is in a list, and at which revision each object was written. */
  const written = async (path: string) =>
    (await send(server, path)).json.items.map(
      (item: { metadata: { name: string; resourceVersion: string } }) =>
        `${item.metadata.name}@${item.metadata.resourceVersion}`,
    );

  async function refuse(command: string, input: string, stderr: string): Promise<void> {
    const before = await written(VMS);
    const result = await me.run(`${command} -f -`, { input });
    expect(result.stderr).toBe(stderr);
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(await written(VMS)).toEqual(before);
  }

  const CREATING = 'error when creating "STDIN": ';

  describe('refused at creation', () => {
    test.each([
      [
        'an unknown field',
        vm('new', `{runStrategy: Halted, colour: red, template: {spec: {${SMALL}}}}`),
        `Error from server (BadRequest): ${CREATING}VirtualMachine in version "v1" cannot be handled as a VirtualMachine: strict decoding error: unknown field "spec.colour"\n`,
      ],
      [
        'unknown fields in the depth',
        halted('new', 'domain: {devices: {disks: [{name: a, disk: {buss: sata}}]}, memory: {gest: 64Mi}}'),
        `Error from server (BadRequest): ${CREATING}VirtualMachine in version "v1" cannot be handled as a VirtualMachine: strict decoding error: unknown field "spec.template.spec.domain.devices.disks[0].disk.buss", unknown field "spec.template.spec.domain.memory.gest"\n`,
      ],
      [
        'no name',
        halted('""', SMALL),
        'The VirtualMachine "" is invalid: metadata.name: Required value: name or generateName is required\n',
      ],
      [
        'a name that is none',
        halted('Big_Name', SMALL),
        `The VirtualMachine "Big_Name" is invalid: metadata.name: Invalid value: "Big_Name": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')\n`,
      ],
      [
        'a name that is taken',
        halted('taken', SMALL),
        `Error from server (AlreadyExists): ${CREATING}virtualmachines.kubevirt.io "taken" already exists\n`,
      ],
      [
        'a disk that names no volume',
        halted('new', 'domain: {devices: {disks: [{name: gone, disk: {}}]}, memory: {guest: 64Mi}}'),
        "The request is invalid: spec.template.spec.domain.devices.disks[0].name: spec.template.spec.domain.devices.disks[0].Name 'gone' not found.\n",
      ],
      [
        'two disks of one name',
        halted(
          'new',
          'domain: {devices: {disks: [{name: a, disk: {}}, {name: a, disk: {}}]}, memory: {guest: 64Mi}}, volumes: [{name: a, emptyDisk: {capacity: 1Gi}}]',
        ),
        'The request is invalid: spec.template.spec.domain.devices.disks[1].name: spec.template.spec.domain.devices.disks[1] and spec.template.spec.domain.devices.disks[0] must not have the same Name.\n',
      ],
      [
        'an instancetype that conflicts',
        halted('new', SMALL, 'instancetype: {name: u1.small}, '),
        'The request is invalid: spec.template.spec.domain.memory.guest: VM field(s) spec.template.spec.domain.memory.guest conflicts with selected instance type\n',
      ],
      [
        'an instancetype that conflicts twice',
        halted(
          'new',
          'domain: {devices: {}, cpu: {cores: 2}, memory: {guest: 64Mi}}',
          'instancetype: {name: u1.small}, ',
        ),
        'The request is invalid: \n' +
          '* spec.template.spec.domain.cpu.cores: VM field(s) spec.template.spec.domain.cpu.cores conflicts with selected instance type\n' +
          '* spec.template.spec.domain.memory.guest: VM field(s) spec.template.spec.domain.memory.guest conflicts with selected instance type\n',
      ],
      [
        'a preference whose requirements are not met',
        halted('new', SMALL, 'preference: {kind: VirtualMachinePreference, name: hungry}, '),
        'The request is invalid: spec.template.spec.domain.cpu.sockets: failure checking preference requirements: insufficient CPU resources of 1 vCPU provided by VirtualMachine, preference requires 4 vCPU provided as sockets\n',
      ],
      [
        'neither running nor runStrategy',
        vm('new', `{template: {spec: {${SMALL}}}}`),
        'The request is invalid: spec.running: RunStrategy must be specified\n',
      ],
      [
        'both running and runStrategy',
        halted('new', SMALL, 'running: false, '),
        'The request is invalid: spec.running: Running and RunStrategy are mutually exclusive. Note that Running is deprecated, please use RunStrategy instead\n',
      ],
      [
        'a run strategy that is none',
        vm('new', `{runStrategy: Sometimes, template: {spec: {${SMALL}}}}`),
        'The request is invalid: spec.runStrategy: Invalid RunStrategy (Sometimes)\n',
      ],
      [
        'an amount that is none',
        halted('new', 'domain: {devices: {}, memory: {guest: much}}'),
        `Error from server: ${CREATING}admission webhook "virtualmachines-mutator.kubevirt.io" denied the request: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'\n`,
      ],
      [
        'a VMI without memory',
        'apiVersion: kubevirt.io/v1\nkind: VirtualMachineInstance\nmetadata: {name: new}\nspec: {domain: {devices: {}}}\n',
        "The request is invalid: : no memory requested, at least one of 'spec.domain.memory.guest', 'spec.domain.memory.hugepages.pageSize' or 'spec.domain.resources.requests.memory' must be set\n",
      ],
      [
        'a namespace that does not exist',
        halted('new', SMALL).replace('{name: new}', '{name: new, namespace: nowhere}'),
        `Error from server (NotFound): ${CREATING}namespaces "nowhere" not found\n`,
      ],
    ])('%s', (_what, manifest, stderr) => refuse('create', manifest, stderr));

    test.each([
      [
        'a text for a number',
        `terminationGracePeriodSeconds: ten, ${SMALL}`,
        'spec.template.spec.terminationGracePeriodSeconds in body must be of type integer: "string"',
      ],
      [
        'a map for a list',
        'domain: {devices: {disks: {}}, memory: {guest: 64Mi}}',
        'spec.template.spec.domain.devices.disks in body must be of type array: "object"',
      ],
    ])('a wrong type: %s', async (_what, template, words) => {
      const before = await written(VMS);
      const stderr = await me.fail('create -f -', { input: halted('new', template) });
      // KubeVirt's webhook validates against its own schema before it decodes, and names no field in its causes.
      expect(stderr).toBe(`The request is invalid: : ${words}\n`);
      expect(await written(VMS)).toEqual(before);
    });
  });

  test('an unknown field is warned of, or kept quiet about, where the user wants it so', async () => {
    const manifest = vm('lenient', `{runStrategy: Halted, colour: red, template: {spec: {${SMALL}}}}`);
    expect(await me.run('create --validate=warn --dry-run=server -f -', { input: manifest })).toEqual({
      code: 0,
      stdout: 'virtualmachine.kubevirt.io/lenient created (server dry run)\n',
      stderr: 'Warning: unknown field "spec.colour"\n',
    });
    await me.succeed('create --validate=ignore -f -', { input: manifest });
    expect((await me.json('vm lenient')).spec.colour).toBeUndefined();
    await me.succeed('delete vm lenient');
  });

  test('a stale resourceVersion', async () => {
    const stale = await me.succeed('get vm taken -o yaml');
    await me.succeed('label vm taken again=1');
    await refuse(
      'replace',
      stale,
      'Error from server (Conflict): error when replacing "STDIN": Operation cannot be fulfilled on virtualmachines.kubevirt.io "taken": the object has been modified; please apply your changes to the latest version and try again\n',
    );
  });

  test('an update of what is not there', () =>
    refuse(
      'replace',
      halted('absent', SMALL),
      'Error from server (NotFound): error when replacing "STDIN": virtualmachines.kubevirt.io "absent" not found\n',
    ));

  test('a VM without memory is admitted, and cannot start', async () => {
    await me.apply(vm('empty', '{runStrategy: Always, template: {spec: {domain: {devices: {}}}}}'));
    await eventually('it failed', async () => {
      const { status } = await me.json('vm empty');
      return status?.conditions?.some((condition: { type: string }) => condition.type === 'Failure');
    });
    const why =
      "admission webhook \"virtualmachineinstances-create-validator.kubevirt.io\" denied the request: no memory requested, at least one of 'spec.domain.memory.guest', 'spec.domain.memory.hugepages.pageSize' or 'spec.domain.resources.requests.memory' must be set";
    const { status } = await me.json('vm empty');
    expect(status.conditions).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          type: 'Failure',
          status: 'True',
          reason: 'FailedCreate',
          message: expect.stringContaining(why),
        }),
      ]),
    );
    expect(await me.succeed('describe vm empty')).toMatch(
      /Warning +FailedCreate .* virt-controller +Error creating virtual machine instance: .*no memory requested/,
    );
    await me.succeed('delete vm empty');
  });

  test('an unknown preference is admitted, reported, and healed when it appears', async () => {
    await me.apply(
      vm(
        'hopeful',
        `{runStrategy: Always, preference: {kind: VirtualMachinePreference, name: later}, template: {spec: {domain: {devices: {disks: [{name: a, disk: {}}]}, memory: {guest: 64Mi}}, volumes: [{name: a, emptyDisk: {capacity: 1Gi}}]}}}`,
      ),
    );
    const failure = async () =>
      (await me.json('vm hopeful')).status?.conditions?.find(
        (condition: { type: string }) => condition.type === 'Failure',
      );
    await eventually('it is reported', async () => (await failure()) !== undefined);
    expect(await failure()).toMatchObject({
      status: 'True',
      reason: 'FailedFindPreference',
      message: 'virtualmachinepreferences.instancetype.kubevirt.io "later" not found',
    });
    expect((await me.run('get vmi hopeful')).code).toBe(1);
    await me.apply(
      'apiVersion: instancetype.kubevirt.io/v1beta1\nkind: VirtualMachinePreference\nmetadata: {name: later}\nspec: {devices: {preferredDiskBus: scsi}}\n',
    );
    await me.succeed('wait vm/hopeful --for=condition=Ready --timeout=20s');
    expect(await failure()).toBeUndefined();
    expect(await me.succeed('get vmi hopeful -o jsonpath={.spec.domain.devices.disks[0].disk.bus}')).toBe(
      'scsi',
    );
    await me.succeed('delete vm hopeful');
  });

  test('paths and resources that do not exist', async () => {
    expect(await me.fail('get gizmos')).toBe('error: the server doesn\'t have a resource type "gizmos"\n');
    expect(await me.fail('get --raw /apis/kubevirt.io/v1/gizmos')).toBe(
      'Error from server (NotFound): the server could not find the requested resource\n',
    );
    expect(await me.fail('get --raw /nothing/here')).toBe(
      'Error from server (NotFound): the server could not find the requested resource\n',
    );
    expect(await me.fail('get vm absent')).toBe(
      'Error from server (NotFound): virtualmachines.kubevirt.io "absent" not found\n',
    );
  });

  test('selectors and names that cannot be read', async () => {
    expect(await me.fail(['get', 'vm', '-l', 'a in b'])).toContain('unable to parse requirement');
    expect(await me.fail('delete vm absent')).toBe(
      'Error from server (NotFound): virtualmachines.kubevirt.io "absent" not found\n',
    );
  });
});

describe('on the wire', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer();
  });

  afterAll(async () => {
    await server?.close();
    expect(server?.bugs).toEqual([]);
  });

  const post = (path: string, body: string | Buffer, headers: Record<string, string> = {}) =>
    send(server, path, { method: 'POST', body, headers: { 'Content-Type': 'application/json', ...headers } });
  const configMap = (name: string, size = 1) =>
    JSON.stringify({ metadata: { name }, data: { text: 'x'.repeat(size) } });
  const revision = async (path: string) => (await send(server, path)).json.metadata.resourceVersion;
  const alive = async (name: string) => {
    expect((await post(CONFIG_MAPS, configMap(name))).code).toBe(201);
    expect((await send(server, `${CONFIG_MAPS}/${name}`)).code).toBe(200);
  };

  const unreadable = (kind: string) =>
    `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: `;

  test.each([
    [
      'no JSON',
      VMS,
      'hello',
      400,
      'BadRequest',
      `${unreadable('VirtualMachine')}invalid character 'h' looking for beginning of value (68656c6c6f)`,
    ],
    [
      'no JSON, of a core kind',
      CONFIG_MAPS,
      'hello',
      400,
      'BadRequest',
      `${unreadable('ConfigMap')}invalid character 'h' looking for beginning of value (68656c6c6f)`,
    ],
    [
      'half of it',
      CONFIG_MAPS,
      '{"kind"',
      400,
      'BadRequest',
      `${unreadable('ConfigMap')}unexpected end of JSON input ({"kind")`,
    ],
    [
      '4 MiB',
      VMS,
      JSON.stringify('x'.repeat(4 * 1024 * 1024)),
      413,
      'RequestEntityTooLarge',
      'Request entity too large: limit is 3145728',
    ],
    [
      'another kind',
      CONFIG_MAPS,
      '{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"}}',
      400,
      'BadRequest',
      'Secret in version "v1" cannot be handled as a ConfigMap: converting (v1.Secret) to (core.ConfigMap): unknown conversion',
    ],
    [
      'another version',
      CONFIG_MAPS,
      '{"apiVersion":"v2","kind":"ConfigMap","metadata":{"name":"a"}}',
      400,
      'BadRequest',
      'the API version in the data (v2) does not match the expected API version (v1)',
    ],
    [
      'another namespace',
      CONFIG_MAPS,
      '{"metadata":{"name":"a","namespace":"other"}}',
      400,
      'BadRequest',
      'the namespace of the provided object does not match the namespace sent on the request',
    ],
    [
      'no name',
      CONFIG_MAPS,
      '{"metadata":{}}',
      422,
      'Invalid',
      'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
    ],
    [
      'no name, of a custom kind',
      VMS,
      '{"apiVersion":"kubevirt.io/v1","kind":"VirtualMachine","spec":{"runStrategy":"Halted","template":{"spec":{"domain":{"devices":{},"memory":{"guest":"64Mi"}}}}}}',
      422,
      'Invalid',
      'VirtualMachine.kubevirt.io "" is invalid: metadata.name: Required value: name or generateName is required',
    ],
    [
      'a resourceVersion',
      CONFIG_MAPS,
      '{"metadata":{"name":"a","resourceVersion":"1"}}',
      500,
      undefined,
      'resourceVersion should not be set on objects to be created',
    ],
    [
      'a path that does not exist',
      '/api/v1/namespaces/default/gizmos',
      '{}',
      404,
      'NotFound',
      'the server could not find the requested resource',
    ],
  ])('%s', async (_what, path, body, code, reason, message) => {
    const before = await revision('/api/v1/secrets');
    const answer = await post(path, body);
    expect(answer.json).toMatchObject({ kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code });
    expect([answer.code, answer.json.reason]).toEqual([code, reason]);
    expect(Number(await revision('/api/v1/secrets')) - Number(before)).toBeLessThan(1);
  });

  test('a client that hangs up in the middle of its body', async () => {
    const before = (await send(server, CONFIG_MAPS)).json.items.length;
    for (let count = 0; count < 20; count += 1) {
      const socket = connect({ host: '127.0.0.1', port: server.port, rejectUnauthorized: false });
      await once(socket, 'secureConnect');
      socket.write(
        `POST ${CONFIG_MAPS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.token}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"metadata":{"name":"half"}`,
      );
      await sleep(5);
      socket.destroy();
    }
    await alive('after-bodies');
    expect((await send(server, CONFIG_MAPS)).json.items.length).toBe(before + 1);
  });

  test('a client that hangs up in the middle of its answer', async () => {
    for (const name of ['wide1', 'wide2', 'wide3']) await post(CONFIG_MAPS, configMap(name, 900_000));
    for (let count = 0; count < 20; count += 1) {
      const response = await open(server, CONFIG_MAPS);
      await once(response, 'readable');
      response.destroy();
    }
    await alive('after-answers');
  });

  test('watchers that come and go', async () => {
    for (let count = 0; count < 30; count += 1) {
      const response = await open(server, `${CONFIG_MAPS}?watch=1`);
      response.destroy();
    }
    await alive('after-watchers');
  });

  test('watchers that never read: others are served, and the memory is bounded', async () => {
    const from = await revision(CONFIG_MAPS);
    const lazy = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const response = await open(server, `${CONFIG_MAPS}?watch=1&resourceVersion=${from}`);
        response.pause();
        return response;
      }),
    );
    await post(CONFIG_MAPS, configMap('changing', 200_000));
    const before = process.memoryUsage();
    let slowest = 0;
    for (let count = 0; count < 100; count += 1) {
      const begin = performance.now();
      const answer = await send(server, `${CONFIG_MAPS}/changing`, {
        method: 'PATCH',
        headers: { 'Content-Type': 'application/merge-patch+json' },
        body: `{"data":{"count":"${count}"}}`,
      });
      expect(answer.code).toBe(200);
      slowest = Math.max(slowest, performance.now() - begin);
    }
    const after = process.memoryUsage();
    // 100 events of 200 kB for 20 watchers are 400 MB; the bytes of an event are shared.
    const grown = after.rss - before.rss;
    expect(grown / 1e6).toBeLessThan(200);
    expect(slowest).toBeLessThan(2_000);
    await alive('after-lazy');
    for (const response of lazy) response.destroy();
  }, 60_000);
});
