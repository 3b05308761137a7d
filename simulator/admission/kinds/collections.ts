/** Replica sets, pools and presets (KubeVirt v1.9 admitters vmirs-admitter.go, vmpool-admitter.go, vmi-preset-admitter.go). */
import type { VirtualMachineInstanceTemplate, VirtualMachineSpec } from '../../types/kubevirt.ts';
import type { JsonObject, KubeObject, LabelSelector, ObjectMeta, StatusCause } from '../../types/meta.ts';
import { invalid, quoted, required } from '../causes.ts';
import { copyJson } from '../defaults/copy.ts';
import type { VirtualMachineInstancePreset } from '../defaults/presets.ts';
import { bringIntoStoredForm } from '../defaults/stored-form.ts';
import { deny } from '../denial.ts';
import { selectorError, selectorMatches } from '../label-selectors.ts';
import { same } from '../same.ts';
import { isTrusted } from '../users.ts';
import { validateDisks } from '../vmi/disks.ts';
import { validateFirmware } from '../vmi/firmware.ts';
import { validateGraceAnnotations } from '../vmi/grace.ts';
import { validateDiscontinuedGates, validateVmiSpec } from '../vmi/spec.ts';
import { type AdmissionRequest, type AdmissionResult, ALLOWED, denied } from '../webhook.ts';
import { missingTemplate, validateVirtualMachineSpec } from './virtual-machine.ts';

type Causes = StatusCause[];

interface ReplicaSet extends KubeObject {
  spec: { selector?: LabelSelector; template?: VirtualMachineInstanceTemplate };
}

interface Pool extends KubeObject {
  spec: {
    selector?: LabelSelector;
    virtualMachineTemplate?: { metadata?: Partial<ObjectMeta>; spec: VirtualMachineSpec };
    maxUnavailable?: number | string;
    updateStrategy?: JsonObject;
    scaleInStrategy?: JsonObject;
  };
}

const STRATEGIES = ['unmanaged', 'opportunistic', 'proactive'];

/** `virtualmachinereplicaset-validator.kubevirt.io`. The template is judged as it is, without defaults. */
export function validateReplicaSet({ config, object, operation }: AdmissionRequest): AdmissionResult {
  const { template, selector } = (object as ReplicaSet).spec;
  if (!template) return denied(deny(missingTemplate('spec')));
  const spec = readable(template.spec);
  const causes: Causes = [];
  validateGraceAnnotations(causes, 'spec.template.metadata', spec, template.metadata?.annotations, config);
  causes.push(...validateVmiSpec('spec.template.spec', spec, config));
  validateSelector(causes, selector, template.metadata?.labels);
  if (operation === 'CREATE') causes.push(...validateDiscontinuedGates(spec, config));
  return causes.length > 0 ? denied(deny(causes)) : ALLOWED;
}

/** `virtualmachinepool-validator.kubevirt.io`. */
export function validatePool({
  config,
  object,
  oldObject,
  operation,
  user,
}: AdmissionRequest): AdmissionResult {
  const { spec } = object as Pool;
  const template = spec.virtualMachineTemplate;
  if (!template) return denied(deny(missingTemplate('spec')));
  const vmTemplate = template.spec?.template;
  const vmSpec = vmTemplate
    ? { ...template.spec, template: { ...vmTemplate, spec: readable(vmTemplate.spec) } }
    : template.spec;
  const causes = validateVirtualMachineSpec(
    'spec.virtualMachineTemplate.spec',
    vmSpec,
    config,
    isTrusted(config, user),
  );
  validateSelector(causes, spec.selector, template.metadata?.labels);
  const unavailable = maxUnavailableProblem(spec.maxUnavailable);
  if (unavailable !== undefined) causes.push(invalid(unavailable, 'spec.maxUnavailable'));
  for (const name of ['updateStrategy', 'scaleInStrategy'] as const) {
    const configured = STRATEGIES.filter(strategy => spec[name]?.[strategy]);
    if (configured.length <= 1) continue;
    causes.push(
      invalid(
        `only one strategy can be configured at a time: but found ${configured.join(', ')} strategies`,
        `spec.${name}`,
      ),
    );
  }
  if (operation === 'UPDATE' && !same(spec.selector, (oldObject as Pool).spec.selector)) {
    causes.push(invalid('selector is immutable after creation.', 'spec.selector'));
  }
  if (operation === 'CREATE' && vmTemplate) {
    causes.push(...validateDiscontinuedGates(vmSpec.template.spec, config));
  }
  return causes.length > 0 ? denied(deny(causes)) : ALLOWED;
}

/** Templates come as users wrote them: what the rules take for given must be there. */
function readable(
  spec: VirtualMachineInstanceTemplate['spec'] | undefined,
): VirtualMachineInstanceTemplate['spec'] {
  const copy = copyJson(spec ?? ({} as VirtualMachineInstanceTemplate['spec']));
  bringIntoStoredForm(copy);
  return copy;
}

function validateSelector(
  causes: Causes,
  selector: LabelSelector | undefined,
  labels: Record<string, string> | undefined,
): void {
  const error = selectorError(selector);
  if (error !== undefined) causes.push(invalid(error, 'spec.selector'));
  else if (!selectorMatches(selector, labels))
    causes.push(invalid('selector does not match labels.', 'spec.selector'));
}

function maxUnavailableProblem(value: number | string | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number') return value <= 0 ? 'maxUnavailable must be greater than 0' : undefined;
  if (!value.endsWith('%')) return 'maxUnavailable percentage must end with %';
  const text = value.slice(0, -1);
  if (!/^[+-]?\d+$/.test(text)) {
    const reason = `strconv.Atoi: parsing ${quoted(text)}: invalid syntax`;
    return `maxUnavailable percentage value ${quoted(text)} is invalid: ${reason}`;
  }
  const percent = Number(text);
  return percent <= 0 || percent > 100
    ? `maxUnavailable percentage value ${percent} must be between 1 and 100`
    : undefined;
}

/** `virtualmachinepreset-validator.kubevirt.io`. */
export function validatePreset({ object }: AdmissionRequest): AdmissionResult {
  const { domain } = (object as VirtualMachineInstancePreset).spec;
  if (!domain) return denied(deny([required('missing domain.', 'spec.domain')]));
  const causes: Causes = [];
  validateDisks(causes, 'spec.domain.devices.disks', domain.devices?.disks);
  validateFirmware(causes, 'spec.domain.firmware', domain.firmware);
  return causes.length > 0 ? denied(deny(causes)) : ALLOWED;
}
