/** Who may do what in an installed CDI, besides its operator (CDI v1.66 pkg/operator/resources/{cluster,namespaced}). */
import type { BindingText, RoleText } from './rbac.ts';

export const CDI_CLUSTER_ROLES: readonly RoleText[] = [
  {
    name: 'cdi-cronjob',
    labels: {
      app: 'containerized-data-importer',
      'app.kubernetes.io/component': 'storage',
      'app.kubernetes.io/managed-by': 'cdi-operator',
      'cdi.kubevirt.io': '',
    },
    rules: ['cdi.kubevirt.io: dataimportcrons = get list update patch'],
  },
  {
    name: 'cdi.kubevirt.io:admin',
    labels: {
      app: 'containerized-data-importer',
      'app.kubernetes.io/component': 'storage',
      'app.kubernetes.io/managed-by': 'cdi-operator',
      'cdi.kubevirt.io': '',
      'rbac.authorization.k8s.io/aggregate-to-admin': 'true',
    },
    rules: [
      'cdi.kubevirt.io: datavolumes dataimportcrons datasources volumeimportsources volumeuploadsources volumeclonesources = *',
      'cdi.kubevirt.io: datavolumes/source = create',
      'upload.cdi.kubevirt.io: uploadtokenrequests = *',
      'forklift.cdi.kubevirt.io: ovirtvolumepopulators openstackvolumepopulators = *',
    ],
  },
  {
    name: 'cdi.kubevirt.io:edit',
    labels: {
      app: 'containerized-data-importer',
      'app.kubernetes.io/component': 'storage',
      'app.kubernetes.io/managed-by': 'cdi-operator',
      'cdi.kubevirt.io': '',
      'rbac.authorization.k8s.io/aggregate-to-edit': 'true',
    },
    rules: [
      'cdi.kubevirt.io: datavolumes dataimportcrons datasources volumeimportsources volumeuploadsources volumeclonesources = *',
      'cdi.kubevirt.io: datavolumes/source = create',
      'upload.cdi.kubevirt.io: uploadtokenrequests = *',
      'forklift.cdi.kubevirt.io: ovirtvolumepopulators openstackvolumepopulators = *',
    ],
  },
  {
    name: 'cdi.kubevirt.io:view',
    labels: {
      app: 'containerized-data-importer',
      'app.kubernetes.io/component': 'storage',
      'app.kubernetes.io/managed-by': 'cdi-operator',
      'cdi.kubevirt.io': '',
      'rbac.authorization.k8s.io/aggregate-to-view': 'true',
    },
    rules: [
      'cdi.kubevirt.io: cdiconfigs dataimportcrons datasources datavolumes objecttransfers storageprofiles volumeimportsources volumeuploadsources volumeclonesources = get list watch',
      'forklift.cdi.kubevirt.io: ovirtvolumepopulators openstackvolumepopulators = get list watch',
    ],
  },
  {
    name: 'cdi.kubevirt.io:clone-sourcer',
    labels: {
      app: 'containerized-data-importer',
      'app.kubernetes.io/component': 'storage',
      'app.kubernetes.io/managed-by': 'cdi-operator',
      'cdi.kubevirt.io': '',
    },
    rules: ['cdi.kubevirt.io: datavolumes/source = create'],
  },
  {
    name: 'cdi.kubevirt.io:config-reader',
    labels: {
      app: 'containerized-data-importer',
      'app.kubernetes.io/component': 'storage',
      'app.kubernetes.io/managed-by': 'cdi-operator',
      'cdi.kubevirt.io': '',
    },
    rules: ['cdi.kubevirt.io: cdiconfigs storageprofiles = get list watch'],
  },
  {
    name: 'cdi-apiserver',
    labels: {
      app: 'containerized-data-importer',
      'app.kubernetes.io/component': 'storage',
      'app.kubernetes.io/managed-by': 'cdi-operator',
      'cdi.kubevirt.io': '',
    },
    rules: [
      'authorization.k8s.io: subjectaccessreviews = create',
      'core: configmaps = get list watch',
      'core: persistentvolumeclaims = get list watch',
      'core: persistentvolumes = get list watch',
      'storage.k8s.io: storageclasses = get list watch',
      'core: namespaces = get',
      'snapshot.storage.k8s.io: volumesnapshots = get list watch',
      'cdi.kubevirt.io: datavolumes = list get',
      'cdi.kubevirt.io: datasources = get',
      'cdi.kubevirt.io: volumeclonesources = get list watch',
      'cdi.kubevirt.io: storageprofiles = get list watch',
      'cdi.kubevirt.io: cdis = get list watch',
      'cdi.kubevirt.io: cdiconfigs = get list watch',
      'cdi.kubevirt.io: cdis/finalizers = update',
    ],
  },
  {
    name: 'cdi',
    labels: {
      app: 'containerized-data-importer',
      'app.kubernetes.io/component': 'storage',
      'app.kubernetes.io/managed-by': 'cdi-operator',
      'cdi.kubevirt.io': '',
    },
    rules: [
      'core: events = create patch get list watch',
      'core: persistentvolumeclaims = get list watch create update delete deletecollection patch',
      'core: persistentvolumes = get list watch update',
      'core: persistentvolumeclaims/finalizers pods/finalizers = update',
      'core: pods services = get list watch create delete',
      'core: namespaces = get list watch',
      'core: configmaps = get create',
      'storage.k8s.io: storageclasses csidrivers = get list watch',
      'config.openshift.io: proxies infrastructures = get list watch',
      'config.openshift.io: clusterversions = get',
      'cdi.kubevirt.io,forklift.cdi.kubevirt.io: * = *',
      'snapshot.storage.k8s.io: volumesnapshots volumesnapshotclasses volumesnapshotcontents = get list watch create delete',
      'snapshot.storage.k8s.io: volumesnapshots = update deletecollection',
      'apiextensions.k8s.io: customresourcedefinitions = get list watch',
      'scheduling.k8s.io: priorityclasses = get list watch',
      'image.openshift.io: imagestreams = get list watch',
      'core: secrets = create',
      'kubevirt.io: virtualmachines/finalizers = update',
      'authentication.k8s.io: tokenreviews = create',
      'authorization.k8s.io: subjectaccessreviews = create',
    ],
  },
  {
    name: 'cdi-metrics-reader',
    labels: {
      app: 'containerized-data-importer',
      'app.kubernetes.io/component': 'storage',
      'app.kubernetes.io/managed-by': 'cdi-operator',
      'cdi.kubevirt.io': '',
    },
    rules: ['/metrics = get'],
  },
  {
    name: 'cdi-pprof-reader',
    labels: {
      app: 'containerized-data-importer',
      'app.kubernetes.io/component': 'storage',
      'app.kubernetes.io/managed-by': 'cdi-operator',
      'cdi.kubevirt.io': '',
    },
    rules: ['/debug/pprof /debug/pprof/* = get'],
  },
  {
    name: 'cdi-uploadproxy',
    labels: {
      app: 'containerized-data-importer',
      'app.kubernetes.io/component': 'storage',
      'app.kubernetes.io/managed-by': 'cdi-operator',
      'cdi.kubevirt.io': '',
    },
    rules: ['core: persistentvolumeclaims = get'],
  },
];

export const CDI_ROLES: readonly RoleText[] = [
  {
    name: 'cdi-deployment',
    namespace: 'cdi',
    labels: {
      app: 'containerized-data-importer',
      'app.kubernetes.io/component': 'storage',
      'app.kubernetes.io/managed-by': 'cdi-operator',
      'cdi.kubevirt.io': '',
    },
    rules: [
      'core: configmaps = get list watch create update delete',
      'core: secrets = get list watch',
      'batch: cronjobs = get list watch create update deletecollection',
      'batch: jobs = create deletecollection list watch',
      'coordination.k8s.io: leases = get create update',
      'networking.k8s.io: ingresses = get list watch',
      'route.openshift.io: routes = get list watch',
    ],
  },
  {
    name: 'cdi-uploadproxy',
    namespace: 'cdi',
    labels: {
      app: 'containerized-data-importer',
      'app.kubernetes.io/component': 'storage',
      'app.kubernetes.io/managed-by': 'cdi-operator',
      'cdi.kubevirt.io': '',
    },
    rules: ['core: configmaps = get'],
  },
  {
    name: 'cdi-apiserver',
    namespace: 'cdi',
    labels: {
      app: 'containerized-data-importer',
      'app.kubernetes.io/component': 'storage',
      'app.kubernetes.io/managed-by': 'cdi-operator',
      'cdi.kubevirt.io': '',
    },
    rules: ['core: secrets configmaps = get list watch create'],
  },
];

export const CDI_CLUSTER_ROLE_BINDINGS: readonly BindingText[] = [
  {
    name: 'cdi-cronjob',
    labels: {
      app: 'containerized-data-importer',
      'app.kubernetes.io/component': 'storage',
      'app.kubernetes.io/managed-by': 'cdi-operator',
      'cdi.kubevirt.io': '',
    },
    role: 'ClusterRole/cdi-cronjob',
    subjects: ['ServiceAccount/cdi/cdi-cronjob'],
  },
  {
    name: 'cdi.kubevirt.io:config-reader',
    labels: {
      app: 'containerized-data-importer',
      'app.kubernetes.io/component': 'storage',
      'app.kubernetes.io/managed-by': 'cdi-operator',
      'cdi.kubevirt.io': '',
    },
    role: 'ClusterRole/cdi.kubevirt.io:config-reader',
    subjects: ['Group/system:authenticated', 'Group/system:serviceaccount'],
  },
  {
    name: 'cdi-apiserver',
    labels: {
      app: 'containerized-data-importer',
      'app.kubernetes.io/component': 'storage',
      'app.kubernetes.io/managed-by': 'cdi-operator',
      'cdi.kubevirt.io': '',
    },
    role: 'ClusterRole/cdi-apiserver',
    subjects: ['ServiceAccount/cdi/cdi-apiserver'],
  },
  {
    name: 'cdi-sa',
    labels: {
      app: 'containerized-data-importer',
      'app.kubernetes.io/component': 'storage',
      'app.kubernetes.io/managed-by': 'cdi-operator',
      'cdi.kubevirt.io': '',
    },
    role: 'ClusterRole/cdi',
    subjects: ['ServiceAccount/cdi/cdi-sa'],
  },
  {
    name: 'cdi-metrics-reader',
    labels: {
      app: 'containerized-data-importer',
      'app.kubernetes.io/component': 'storage',
      'app.kubernetes.io/managed-by': 'cdi-operator',
      'cdi.kubevirt.io': '',
    },
    role: 'ClusterRole/cdi-metrics-reader',
    subjects: ['ServiceAccount/cdi/cdi-metrics-reader'],
  },
  {
    name: 'cdi-uploadproxy',
    labels: {
      app: 'containerized-data-importer',
      'app.kubernetes.io/component': 'storage',
      'app.kubernetes.io/managed-by': 'cdi-operator',
      'cdi.kubevirt.io': '',
    },
    role: 'ClusterRole/cdi-uploadproxy',
    subjects: ['ServiceAccount/cdi/cdi-uploadproxy'],
  },
];

export const CDI_ROLE_BINDINGS: readonly BindingText[] = [
  {
    name: 'cdi-deployment',
    namespace: 'cdi',
    labels: {
      app: 'containerized-data-importer',
      'app.kubernetes.io/component': 'storage',
      'app.kubernetes.io/managed-by': 'cdi-operator',
      'cdi.kubevirt.io': '',
    },
    role: 'Role/cdi-deployment',
    subjects: ['ServiceAccount/cdi/cdi-sa'],
  },
  {
    name: 'cdi-uploadproxy',
    namespace: 'cdi',
    labels: {
      app: 'containerized-data-importer',
      'app.kubernetes.io/component': 'storage',
      'app.kubernetes.io/managed-by': 'cdi-operator',
      'cdi.kubevirt.io': '',
    },
    role: 'Role/cdi-uploadproxy',
    subjects: ['ServiceAccount/cdi/cdi-uploadproxy'],
  },
  {
    name: 'cdi-apiserver',
    namespace: 'cdi',
    labels: {
      app: 'containerized-data-importer',
      'app.kubernetes.io/component': 'storage',
      'app.kubernetes.io/managed-by': 'cdi-operator',
      'cdi.kubevirt.io': '',
    },
    role: 'Role/cdi-apiserver',
    subjects: ['ServiceAccount/cdi/cdi-apiserver'],
  },
];
