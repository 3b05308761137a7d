import { describe, expect, test } from 'vitest';
import { allDefinitions, tableColumns, tableRow } from '../../simulator/resources/index.ts';
import { cells, definition, NOW, object } from './build.ts';

/** The columns a real kubectl shows; `(w)` marks those of `-o wide`. */
const COLUMNS: Record<string, string> = {
  pods: 'Name, Ready, Status, Restarts, Age, IP(w), Node(w), Nominated Node(w), Readiness Gates(w)',
  nodes:
    'Name, Status, Roles, Age, Version, Internal-IP(w), External-IP(w), OS-Image(w), Kernel-Version(w), Container-Runtime(w)',
  services: 'Name, Type, Cluster-IP, External-IP, Port(s), Age, Selector(w)',
  'deployments.apps': 'Name, Ready, Up-to-date, Available, Age, Containers(w), Images(w), Selector(w)',
  'replicasets.apps': 'Name, Desired, Current, Ready, Age, Containers(w), Images(w), Selector(w)',
  replicationcontrollers: 'Name, Desired, Current, Ready, Age, Containers(w), Images(w), Selector(w)',
  'daemonsets.apps':
    'Name, Desired, Current, Ready, Up-to-date, Available, Node Selector, Age, Containers(w), Images(w), Selector(w)',
  'statefulsets.apps': 'Name, Ready, Age, Containers(w), Images(w)',
  'jobs.batch': 'Name, Status, Completions, Duration, Age, Containers(w), Images(w), Selector(w)',
  'cronjobs.batch':
    'Name, Schedule, Timezone, Suspend, Active, Last Schedule, Age, Containers(w), Images(w), Selector(w)',
  persistentvolumeclaims:
    'Name, Status, Volume, Capacity, Access Modes, StorageClass, VolumeAttributesClass, Age, VolumeMode(w)',
  persistentvolumes:
    'Name, Capacity, Access Modes, Reclaim Policy, Status, Claim, StorageClass, VolumeAttributesClass, Reason, Age, VolumeMode(w)',
  events:
    'Last Seen, Type, Reason, Object, Subobject(w), Source(w), Message, First Seen(w), Count(w), Name(w)',
  namespaces: 'Name, Status, Age',
  secrets: 'Name, Type, Data, Age',
  configmaps: 'Name, Data, Age',
  serviceaccounts: 'Name, Secrets, Age',
  'storageclasses.storage.k8s.io':
    'Name, Provisioner, ReclaimPolicy, VolumeBindingMode, AllowVolumeExpansion, Age',
  'customresourcedefinitions.apiextensions.k8s.io': 'Name, Created At',
  'apiservices.apiregistration.k8s.io': 'Name, Service, Available, Age',
  'controllerrevisions.apps': 'Name, Controller, Revision, Age',
  'leases.coordination.k8s.io': 'Name, Holder, Age',
  'poddisruptionbudgets.policy': 'Name, Min Available, Max Unavailable, Allowed Disruptions, Age',
  'endpointslices.discovery.k8s.io': 'Name, AddressType, Ports, Endpoints, Age',
  endpoints: 'Name, Endpoints, Age',
  'ingresses.networking.k8s.io': 'Name, Class, Hosts, Address, Ports, Age',
  'ingressclasses.networking.k8s.io': 'Name, Controller, Parameters, Age',
  'networkpolicies.networking.k8s.io': 'Name, Pod-Selector, Age',
  'horizontalpodautoscalers.autoscaling': 'Name, Reference, Targets, MinPods, MaxPods, Replicas, Age',
  'clusterroles.rbac.authorization.k8s.io': 'Name, Created At',
  'rolebindings.rbac.authorization.k8s.io': 'Name, Role, Age, Users(w), Groups(w), ServiceAccounts(w)',
  'priorityclasses.scheduling.k8s.io': 'Name, Value, Global-Default, Age, PreemptionPolicy',
  resourcequotas: 'Name, Request, Limit, Age',
  limitranges: 'Name, Created At',
  'runtimeclasses.node.k8s.io': 'Name, Handler, Age',
  'validatingwebhookconfigurations.admissionregistration.k8s.io': 'Name, Webhooks, Age',
  'validatingadmissionpolicies.admissionregistration.k8s.io': 'Name, Validations, ParamKind, Age',
  'validatingadmissionpolicybindings.admissionregistration.k8s.io': 'Name, PolicyName, ParamRef, Age',
  'volumeattachments.storage.k8s.io': 'Name, Attacher, PV, Node, Attached, Age',
  'csinodes.storage.k8s.io': 'Name, Drivers, Age',
  'csidrivers.storage.k8s.io':
    'Name, AttachRequired, PodInfoOnMount, StorageCapacity, TokenRequests, RequiresRepublish, Modes, Age',
  podtemplates: 'Name, Containers, Images, Pod Labels',
  'virtualmachines.kubevirt.io': 'Name, Age, Status, Ready',
  'virtualmachineinstances.kubevirt.io':
    'Name, Age, Phase, IP, NodeName, Ready, Live-Migratable(w), Paused(w)',
  'virtualmachineinstancemigrations.kubevirt.io': 'Name, Phase, VMI',
  'virtualmachineinstancepresets.kubevirt.io': 'Name, Age',
  'kubevirts.kubevirt.io': 'Name, Age, Phase',
  'virtualmachinepools.pool.kubevirt.io': 'Name, Desired, Current, Ready, Age',
  'virtualmachinesnapshots.snapshot.kubevirt.io':
    'Name, SourceKind, SourceName, Phase, ReadyToUse, CreationTime, Error',
  'virtualmachinerestores.snapshot.kubevirt.io': 'Name, TargetKind, TargetName, Complete, RestoreTime',
  'virtualmachineclones.clone.kubevirt.io': 'Name, Phase, SourceVirtualMachine, TargetVirtualMachine',
  'virtualmachineinstancetypes.instancetype.kubevirt.io': 'Name, Age',
  'virtualmachinetemplaterequests.template.kubevirt.io': 'Name, Template, Age, Ready, Progressing',
  'datavolumes.cdi.kubevirt.io': 'Name, Phase, Progress, Restarts, Age',
  'volumesnapshots.snapshot.storage.k8s.io':
    'Name, ReadyToUse, SourcePVC, SourceSnapshotContent, RestoreSize, SnapshotClass, SnapshotContent, CreationTime, Age',
};

test.each(Object.entries(COLUMNS))('the columns of %s', (name, expected) => {
  const found = definition(name);
  const columns = tableColumns(found, found.versions[0]?.name ?? '');
  expect(columns.map(column => `${column.name}${column.priority === 0 ? '' : '(w)'}`).join(', ')).toBe(
    expected,
  );
});

test('every column is complete, and an object without any content prints', () => {
  for (const found of allDefinitions()) {
    for (const version of found.versions) {
      const columns = tableColumns(found, version.name);
      expect(columns.filter(column => column.format === 'name')).toHaveLength(1);
      const spec = found.plural === 'pods' ? { containers: [] } : {};
      const row = tableRow(found, version.name, object(found.kind, { spec }), { now: NOW });
      expect(row).toHaveLength(columns.length);
      expect(row).not.toContain(undefined);
    }
  }
});

const AGE = '5m';

describe('cells', () => {
  test('of a node', () => {
    const node = object(
      'Node',
      {
        spec: { unschedulable: true },
        status: {
          conditions: [{ type: 'Ready', status: 'True' }],
          nodeInfo: { kubeletVersion: 'v1.35.0', osImage: 'CentOS Stream 9' },
          addresses: [{ type: 'InternalIP', address: '192.168.66.101' }],
        },
      },
      { labels: { 'node-role.kubernetes.io/worker': '', 'node-role.kubernetes.io/control-plane': '' } },
    );
    expect(cells('nodes', node, true)).toEqual({
      Name: 'x',
      Status: 'Ready,SchedulingDisabled',
      Roles: 'control-plane,worker',
      Age: AGE,
      Version: 'v1.35.0',
      'Internal-IP': '192.168.66.101',
      'External-IP': '<none>',
      'OS-Image': 'CentOS Stream 9',
      'Kernel-Version': '<unknown>',
      'Container-Runtime': '<unknown>',
    });
  });

  test.each([
    [
      { type: 'ClusterIP', clusterIP: '10.96.0.1', ports: [{ port: 443, protocol: 'TCP' }] },
      '10.96.0.1',
      '<none>',
      '443/TCP',
    ],
    [
      {
        type: 'NodePort',
        clusterIP: '10.96.0.2',
        ports: [
          { port: 80, nodePort: 30080, protocol: 'TCP' },
          { port: 53, protocol: 'UDP' },
        ],
      },
      '10.96.0.2',
      '<none>',
      '80:30080/TCP,53/UDP',
    ],
    [{ type: 'LoadBalancer', clusterIP: '10.96.0.3', ports: [] }, '10.96.0.3', '<pending>', '<none>'],
    [{ type: 'ExternalName', externalName: 'example.org' }, '<none>', 'example.org', '<none>'],
    [{ type: 'ClusterIP', clusterIP: 'None', externalIPs: ['1.2.3.4'] }, 'None', '1.2.3.4', '<none>'],
  ])('of the service %j', (spec, clusterIp, externalIp, ports) => {
    const printed = cells('services', object('Service', { spec }));
    expect([printed['Cluster-IP'], printed['External-IP'], printed['Port(s)']]).toEqual([
      clusterIp,
      externalIp,
      ports,
    ]);
  });

  test('of a bound claim, a waiting claim and one that goes', () => {
    const status = {
      phase: 'Bound',
      accessModes: ['ReadWriteMany', 'ReadWriteOnce'],
      capacity: { storage: '10Gi' },
    };
    const spec = { volumeName: 'pv-1', storageClassName: 'standard', accessModes: ['ReadWriteOnce'] };
    expect(cells('persistentvolumeclaims', object('PersistentVolumeClaim', { spec, status }))).toEqual({
      Name: 'x',
      Status: 'Bound',
      Volume: 'pv-1',
      Capacity: '10Gi',
      'Access Modes': 'RWO,RWX',
      StorageClass: 'standard',
      VolumeAttributesClass: '<unset>',
      Age: AGE,
    });
    const pending = cells(
      'persistentvolumeclaims',
      object('PersistentVolumeClaim', {
        spec: { accessModes: ['ReadWriteOnce'] },
        status: { phase: 'Pending' },
      }),
    );
    expect(pending).toMatchObject({
      Status: 'Pending',
      Volume: '',
      Capacity: '',
      'Access Modes': '',
      StorageClass: '',
    });
    const going = object(
      'PersistentVolumeClaim',
      { spec, status },
      { deletionTimestamp: '2026-01-01T11:59:00Z' },
    );
    expect(cells('persistentvolumeclaims', going).Status).toBe('Terminating');
  });

  test('of events, with and without a series', () => {
    const about = { kind: 'Pod', name: 'p' };
    const once = object('Event', {
      involvedObject: about,
      type: 'Normal',
      reason: 'Scheduled',
      message: ' placed \n',
      firstTimestamp: '2026-01-01T11:50:00Z',
      lastTimestamp: '2026-01-01T11:59:00Z',
      source: { component: 'kubelet', host: 'node01' },
    });
    expect(cells('events', once, true)).toEqual({
      'Last Seen': '60s',
      Type: 'Normal',
      Reason: 'Scheduled',
      Object: 'pod/p',
      Subobject: '',
      Source: 'kubelet, node01',
      Message: 'placed',
      'First Seen': '10m',
      Count: 1,
      Name: 'x',
    });
    const series = object('Event', {
      involvedObject: about,
      eventTime: '2026-01-01T11:57:00.000000Z',
      series: { count: 5, lastObservedTime: '2026-01-01T11:59:50.000000Z' },
    });
    expect(cells('events', series, true)).toMatchObject({ 'Last Seen': '10s', 'First Seen': '3m', Count: 5 });
    expect(cells('events', object('Event', { involvedObject: about }))['Last Seen']).toBe('<unknown>');
  });

  test('the default storage class says so', () => {
    const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
    expect(cells('storageclasses.storage.k8s.io', object('StorageClass', {}, { annotations })).Name).toBe(
      'x (default)',
    );
  });

  test('endpoints show three and count the rest', () => {
    const addresses = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5'].map(ip => ({ ip }));
    const subsets = [{ addresses, ports: [{ port: 8443 }] }];
    expect(cells('endpoints', object('Endpoints', { subsets })).Endpoints).toBe(
      '10.0.0.1:8443,10.0.0.2:8443,10.0.0.3:8443 + 2 more...',
    );
  });

  test('a controller revision names its controller', () => {
    const ownerReferences = [
      { apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachine', name: 'vm', uid: 'u', controller: true },
    ];
    expect(
      cells('controllerrevisions.apps', object('ControllerRevision', { revision: 2 }, { ownerReferences })),
    ).toMatchObject({
      Controller: 'virtualmachine.kubevirt.io/vm',
      Revision: 2,
    });
  });

  test('an API service is local or has a service, and may be unavailable', () => {
    const conditions = [{ type: 'Available', status: 'False', reason: 'MissingEndpoints' }];
    const remote = object('APIService', {
      spec: { service: { namespace: 'kubevirt', name: 'virt-api' } },
      status: { conditions },
    });
    expect(cells('apiservices.apiregistration.k8s.io', remote)).toMatchObject({
      Service: 'kubevirt/virt-api',
      Available: 'False (MissingEndpoints)',
    });
    expect(cells('apiservices.apiregistration.k8s.io', object('APIService')).Service).toBe('Local');
  });
});

describe('columns of custom resources', () => {
  const vm = (status: unknown) =>
    cells('virtualmachines.kubevirt.io', object('VirtualMachine', { status }), true);

  test('what is missing is null', () => {
    expect(vm({})).toEqual({ Name: 'x', Age: AGE, Status: null, Ready: null });
  });

  test('conditions are found by type', () => {
    const conditions = [{ type: 'Ready', status: 'True' }];
    expect(vm({ printableStatus: 'Running', conditions })).toMatchObject({
      Status: 'Running',
      Ready: 'True',
    });
  });

  test.each([
    [true, true],
    ['true', null],
    [undefined, null],
  ])('a boolean column shows %j as %j', (readyToUse, expected) => {
    const snapshot = object('VirtualMachineSnapshot', { status: { readyToUse } });
    expect(cells('virtualmachinesnapshots.snapshot.kubevirt.io', snapshot).ReadyToUse).toBe(expected);
  });

  test.each([
    ['2026-01-01T11:59:50Z', '10s'],
    ['yesterday', '<invalid>'],
    [undefined, null],
  ])('a date column shows %j as %j', (creationTime, expected) => {
    const snapshot = object('VirtualMachineSnapshot', { status: { creationTime } });
    expect(cells('virtualmachinesnapshots.snapshot.kubevirt.io', snapshot).CreationTime).toBe(expected);
  });

  test('an integer column shows no text, a text column shows lists as JSON', () => {
    const set = object('VirtualMachineInstanceReplicaSet', {
      spec: { replicas: 'three' },
      status: { replicas: 2 },
    });
    expect(cells('virtualmachineinstancereplicasets.kubevirt.io', set)).toMatchObject({
      Desired: null,
      Current: 2,
    });
    expect(vm({ printableStatus: ['a', 'b'] }).Status).toBe('["a","b"]');
  });
});
