/** Kinds and types of KubeVirt v1.9 that the package does not have at all: plugins, backup trackers, templates. */
import type { FieldTable } from './field-notation.ts';

const root = {
  apiVersion: 'string # Version of the schema of this object, as group/version.',
  kind: 'string # Name of the REST resource this object stands for.',
  metadata: 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta # Standard object metadata.',
};

const specIsImmutable = [{ rule: 'self == oldSelf', message: 'spec is immutable' }];

const templateConditions = '[]V1StatusCondition list:map(type) # Current conditions.';

export const newKubevirtKinds: FieldTable = {
  V1StatusCondition: {
    lastTransitionTime: 'time ! # When the status of the condition last changed.',
    message: 'string ! maxLength:32768 # Text for people.',
    observedGeneration: 'int64 min:0 # Generation of the object the condition was computed for.',
    reason:
      'string ! minLength:1 maxLength:1024 pattern:^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$ # Why the condition has its status.',
    status: 'string ! enum(True|False|Unknown) # True, False or Unknown.',
    type: 'string ! maxLength:316 pattern:^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$ # Name of the condition.',
  },

  V1alpha1Plugin: {
    '*': '... # A cluster-wide extension of KubeVirt by hooks.',
    ...root,
    spec: 'V1alpha1PluginSpec ! # What the plugin hooks into.',
    status: 'object # Reserved.',
  },
  V1alpha1PluginSpec: {
    condition: 'string # CEL expression: for which virtual machine instances the plugin acts.',
    domainHooks: '[]V1alpha1PluginDomainHook list:atomic # Changes to the libvirt domain.',
    failureStrategy: 'string # What happens when a hook fails.',
    mutatingAdmissionPolicies: '[]V1alpha1PluginReference list:atomic # Policies that belong to the plugin.',
    mutatingAdmissionWebhooks: '[]V1alpha1PluginReference list:atomic # Webhooks that belong to the plugin.',
    nodeHooks: '[]V1alpha1PluginNodeHook list:atomic # Hooks served by a socket on the node.',
    validatingAdmissionPolicies:
      '[]V1alpha1PluginReference list:atomic # Policies that belong to the plugin.',
    validatingAdmissionWebhooks:
      '[]V1alpha1PluginReference list:atomic # Webhooks that belong to the plugin.',
  },
  V1alpha1PluginReference: { name: 'string ! minLength:1 # Name of the object.' },
  V1alpha1PluginDomainHook: {
    cel: 'V1alpha1PluginCelHook # Changes the domain by an expression.',
    condition: 'string # CEL expression: when this hook acts.',
    failureStrategy: 'string # What happens when this hook fails.',
    sidecar: 'V1alpha1PluginSidecarHook # Changes the domain by a side-car container.',
    timeout: 'string # How long the hook may take.',
  },
  V1alpha1PluginCelHook: { expression: 'string ! minLength:1 # The CEL expression.' },
  V1alpha1PluginSidecarHook: { socketPath: 'string ! minLength:1 # Socket the side-car serves.' },
  V1alpha1PluginNodeHook: {
    condition: 'string # CEL expression: when this hook acts.',
    failureStrategy: 'string # What happens when this hook fails.',
    permittedHooks: '[]string ! list:atomic minItems:1 # Hook points the socket may be called at.',
    socket: 'string ! minLength:1 # Socket on the node.',
    timeout: 'string # How long the hook may take.',
  },

  V1alpha1VirtualMachineBackupTracker: {
    '*': '... # Remembers the latest checkpoint of a virtual machine for incremental backups.',
    ...root,
    spec: {
      field: 'V1alpha1VirtualMachineBackupTrackerSpec ! # What is tracked.',
      rules: [{ rule: 'self == oldSelf', message: 'spec is immutable after creation' }],
    },
    status: 'V1alpha1VirtualMachineBackupTrackerStatus # The latest checkpoint.',
  },
  V1alpha1VirtualMachineBackupTrackerSpec: {
    source: {
      field: 'io.k8s.api.core.v1.TypedLocalObjectReference ! # The virtual machine.',
      rules: [
        {
          rule: "has(self.apiGroup) && self.apiGroup == 'kubevirt.io'",
          message: 'apiGroup must be kubevirt.io',
        },
        { rule: "self.kind == 'VirtualMachine'", message: 'kind must be VirtualMachine' },
        { rule: "self.name != ''", message: 'name is required' },
      ],
    },
  },
  V1alpha1VirtualMachineBackupTrackerStatus: {
    checkpointRedefinitionRequired: 'boolean # The checkpoint has to be told to libvirt again.',
    latestCheckpoint: 'V1alpha1BackupCheckpoint # The checkpoint the next incremental backup starts from.',
  },

  V1alpha1VirtualMachineTemplate: {
    '*': '... # A virtual machine with parameters to be filled in.',
    ...root,
    spec: 'V1alpha1VirtualMachineTemplateDefinition ! # The template.',
    status: 'V1alpha1VirtualMachineTemplateStatus # State of the template.',
  },
  V1alpha1VirtualMachineTemplateDefinition: {
    message: 'string # Shown to people after the template has been used.',
    parameters: '[]V1alpha1VirtualMachineTemplateParameter # Values that may be given.',
    virtualMachine: 'object ! preserve # The virtual machine, with references to parameters.',
  },
  V1alpha1VirtualMachineTemplateParameter: {
    description: 'string # What the parameter is for.',
    displayName: 'string # Name shown to people.',
    from: 'string pattern:\\[([a-zA-Z0-9\\-\\\\]+)\\](\\{(\\w+)\\}) # Input of the generator.',
    generate: 'string enum(expression) # How a missing value is made.',
    name: 'string ! # Name used in references.',
    required: 'boolean # A value must be given.',
    value: 'string # Default value.',
  },
  V1alpha1VirtualMachineTemplateStatus: { conditions: templateConditions },
  V1alpha1VirtualMachineTemplateRequest: {
    '*': '... # Asks for a template to be made from a virtual machine.',
    ...root,
    spec: {
      field: 'V1alpha1VirtualMachineTemplateRequestSpec ! # What is asked for.',
      rules: specIsImmutable,
    },
    status: 'V1alpha1VirtualMachineTemplateRequestStatus # Progress.',
  },
  V1alpha1VirtualMachineTemplateRequestSpec: {
    templateLabels: {
      field: 'map<string> # Labels of the new template.',
      rules: [
        {
          rule: "self.all(k, !k.startsWith('template.kubevirt.io/'))",
          message: 'labels with the prefix "template.kubevirt.io/" are reserved for system use',
        },
      ],
    },
    templateName: 'string # Name of the new template.',
    ttlSecondsAfterFinished: 'int32 min:0 # Seconds the finished request is kept.',
    virtualMachineRef: 'V1alpha1VirtualMachineReference ! # The virtual machine.',
  },
  V1alpha1VirtualMachineReference: {
    name: 'string ! # Name of the virtual machine.',
    namespace: 'string ! # Namespace of the virtual machine.',
  },
  V1alpha1VirtualMachineTemplateRequestStatus: {
    conditions: templateConditions,
    templateRef: 'io.k8s.api.core.v1.LocalObjectReference # The template that was made.',
  },
};
