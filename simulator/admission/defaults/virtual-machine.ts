/** Defaults of a VM (KubeVirt v1.9 pkg/defaults SetVirtualMachineDefaults, mutators/vm-mutator.go). */
import { defaultArchitecture, defaultMachineType, type KubeVirtConfig } from '../../kubevirt-config/index.ts';
import type {
  DataVolumeTemplate,
  VirtualMachine,
  VirtualMachineInstanceTemplate,
} from '../../types/kubevirt.ts';
import type { JsonObject, KubeObject, ResourceList } from '../../types/meta.ts';
import { printed } from '../quantities.ts';
import { same } from '../same.ts';
import type { Lookup, Operation, Random } from '../webhook.ts';
import { copyJson } from './copy.ts';
import { bringIntoStoredForm } from './stored-form.ts';
import { pciTopologyAnnotation } from './vmi.ts';

export interface VirtualMachineDefaultsContext {
  readonly operation: Operation;
  readonly namespace?: string;
  readonly config: KubeVirtConfig;
  readonly lookup: Pick<Lookup, 'get'>;
  readonly random: Pick<Random, 'uuid'>;
}

const ARCHITECTURES = new Set(['amd64', 'arm64', 's390x']);
const ARCHITECTURE_LABEL = 'template.kubevirt.io/architecture';

/**
 * A VM with its template's architecture and machine type; at creation also with a firmware UUID and serial and its PCI
 * layout. The spec comes back in the form KubeVirt stores. The same reference when there is nothing to add.
 */
export function setVirtualMachineDefaults(
  vm: VirtualMachine,
  context: VirtualMachineDefaultsContext,
): VirtualMachine {
  const { config, operation, random } = context;
  if (!vm.spec?.template) return vm;
  const spec = copyJson(vm.spec);
  const template = spec.template;
  template.metadata ??= {};
  template.spec ??= {} as VirtualMachineInstanceTemplate['spec'];
  bringIntoStoredForm(template.spec);
  spec.dataVolumeTemplates?.forEach(bringDataVolumeIntoStoredForm);
  const { domain } = template.spec;
  if (operation === 'CREATE') {
    const firmware = (domain.firmware ??= {});
    if (!firmware.uuid) firmware.uuid = random.uuid();
    if (!firmware.serial) firmware.serial = random.uuid();
  }
  if (!template.spec.architecture) {
    template.spec.architecture = architectureOfSource(vm, context) ?? defaultArchitecture(config);
  }
  if (!domain.machine?.type) {
    domain.machine = { ...domain.machine, type: defaultMachineType(config, template.spec.architecture) };
  }
  if (operation === 'CREATE') {
    const annotations = pciTopologyAnnotation(template.spec);
    if (annotations) template.metadata.annotations = { ...annotations, ...template.metadata.annotations };
  }
  return operation === 'UPDATE' && same(spec, vm.spec) ? vm : { ...vm, spec };
}

function bringDataVolumeIntoStoredForm(template: DataVolumeTemplate): void {
  for (const claim of [template.spec?.pvc, template.spec?.storage] as (JsonObject | undefined)[]) {
    if (!claim) continue;
    const resources = (claim.resources ??= {}) as { requests?: ResourceList; limits?: ResourceList };
    for (const amounts of [resources.requests, resources.limits]) {
      for (const name of Object.keys(amounts ?? {})) if (amounts) amounts[name] = printed(amounts[name]);
    }
  }
}

/** The architecture the boot source was made for, from the first data source that tells. */
function architectureOfSource(
  vm: VirtualMachine,
  context: VirtualMachineDefaultsContext,
): string | undefined {
  const ownNamespace = vm.metadata.namespace ?? context.namespace;
  for (const template of vm.spec.dataVolumeTemplates ?? []) {
    const reference = template.spec?.sourceRef as
      | { kind?: string; namespace?: string; name?: string }
      | undefined;
    if (reference?.kind?.toLowerCase() !== 'datasource') continue;
    let source = findDataSource(context, reference.namespace || ownNamespace, reference.name);
    const next = source?.spec?.source?.dataSource;
    if (next) source = findDataSource(context, next.namespace, next.name);
    const architecture = source?.metadata.labels?.[ARCHITECTURE_LABEL];
    if (architecture !== undefined && ARCHITECTURES.has(architecture)) return architecture;
  }
  return undefined;
}

type DataSource = KubeObject & { spec?: { source?: { dataSource?: { namespace?: string; name?: string } } } };

function findDataSource(
  { lookup }: VirtualMachineDefaultsContext,
  namespace: string | undefined,
  name: string | undefined,
): DataSource | undefined {
  return name === undefined ? undefined : lookup.get('datasources.cdi.kubevirt.io', namespace, name);
}
