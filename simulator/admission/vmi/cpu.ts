/** CPUs of a VMI (KubeVirt v1.9 admitters/vmi-create-admitter.go). */
import { defaultArchitecture, type KubeVirtConfig } from '../../kubevirt-config/index.ts';
import type { Cpu, VirtualMachineInstanceSpec } from '../../types/kubevirt.ts';
import type { StatusCause } from '../../types/meta.ts';
import { invalid, notSupported, required } from '../causes.ts';
import { isZero, milliUnits, printed, units } from '../quantities.ts';

type Spec = VirtualMachineInstanceSpec;
type Causes = StatusCause[];

const FEATURE_POLICIES = new Set(['', 'force', 'require', 'optional', 'disable', 'forbid']);

/** Sockets × cores × threads, each counted only where given; CPUs that could be plugged in do not count. */
export function virtualCpus({ cores = 0, sockets = 0, threads = 0 }: Cpu): number {
  const given = [cores, sockets, threads].filter(count => count !== 0);
  return given.length === 0 ? 0 : given.reduce((product, count) => product * count);
}

export function validateCpuRequestAndLimit(causes: Causes, path: string, { domain }: Spec): void {
  const { requests, limits } = domain.resources ?? {};
  if (requests?.cpu === undefined && limits?.cpu === undefined) return;
  const request = milliUnits(requests?.cpu);
  const limit = milliUnits(limits?.cpu);
  const requestField = `${path}.domain.resources.requests.cpu`;
  const limitField = `${path}.domain.resources.limits.cpu`;
  if (request < 0) {
    causes.push(
      invalid(
        `${requestField} '${printed(requests?.cpu)}': must be greater than or equal to 0.`,
        requestField,
      ),
    );
  }
  if (limit < 0) {
    causes.push(
      invalid(`${limitField} '${printed(limits?.cpu)}': must be greater than or equal to 0.`, limitField),
    );
  }
  if (limit > 0 && request > limit) {
    const [asked, most] = [printed(requests?.cpu), printed(limits?.cpu)];
    causes.push(invalid(`${requestField} '${asked}' is greater than ${limitField} '${most}'`, requestField));
  }
}

/** What dedicated CPUs ask for: whole CPUs, as many as the guest has, and memory that is known. */
export function validateCpuPinning(causes: Causes, path: string, spec: Spec, config: KubeVirtConfig): void {
  const { cpu } = spec.domain;
  if (!cpu?.dedicatedCpuPlacement) return;
  const { requests, limits } = spec.domain.resources ?? {};
  const resources = `${path}.domain.resources`;
  const placement = `${path}.domain.cpu.dedicatedCpuPlacement`;
  validatePinnedMemory(causes, path, spec);
  const request = units(requests?.cpu);
  const limit = units(limits?.cpu);
  if (request > 0 && request * 1000 !== milliUnits(requests?.cpu)) {
    causes.push(invalid('provided resources CPU requests must be an interger', `${resources}.requests.cpu`));
  }
  if (limit > 0 && limit * 1000 !== milliUnits(limits?.cpu)) {
    causes.push(invalid('provided resources CPU limits must be an interger', `${resources}.limits.cpu`));
  }
  const requestedBytes = units(requests?.memory);
  const limitedBytes = units(limits?.memory);
  if (requestedBytes > 0 && limitedBytes > 0 && requestedBytes !== limitedBytes) {
    const field = `${resources}.requests.memory`;
    causes.push(invalid(`${field} must be equal to ${resources}.limits.memory`, field));
  }
  const count = virtualCpus(cpu);
  if (request === 0 && limit === 0 && count === 0) {
    causes.push(
      invalid(
        `either ${resources}.requests.cpu or ${resources}.limits.cpu or ${path}.domain.cpu.cores must be provided when DedicatedCPUPlacement is true `,
        placement,
      ),
    );
  }
  if (request > 0 && limit > 0 && request !== limit) {
    causes.push(
      invalid(
        `${resources}.requests.cpu or ${resources}.limits.cpu must be equal when DedicatedCPUPlacement is true `,
        placement,
      ),
    );
  }
  if ((request > 0 || limit > 0) && count > 0 && request !== count && limit !== count) {
    causes.push(
      invalid(
        `${resources}.requests.cpu or ${resources}.limits.cpu must not be provided at the same time with ${path}.domain.cpu.cores when DedicatedCPUPlacement is true `,
        placement,
      ),
    );
  }
  const threads = cpu.threads ?? 0;
  if (threads > 1 && (spec.architecture || defaultArchitecture(config)) === 'arm64') {
    causes.push(
      invalid(
        `threads must not be greater than 1 at ${path}.domain.cpu.threads (got ${threads}) when ${path}.architecture is arm64`,
        `${path}.architecture`,
      ),
    );
  }
  if (threads > 2) {
    causes.push(
      invalid(
        `Not more than two threads must be provided at ${path}.domain.cpu.threads (got ${threads}) when DedicatedCPUPlacement is true`,
        placement,
      ),
    );
  }
}

function validatePinnedMemory(causes: Causes, path: string, { domain }: Spec): void {
  const { requests, limits } = domain.resources ?? {};
  if (!isZero(limits?.memory) || !isZero(requests?.memory)) return;
  if (domain.memory?.hugepages || !isZero(domain.memory?.guest)) return;
  const field = `${path}.domain.resources.limits.memory`;
  causes.push(
    invalid(
      `${path}.domain.resources.requests.memory, ${field}, ${path}.domain.memory.hugepages or ${path}.domain.memory.guest should be provided`,
      field,
    ),
  );
}

/** The NUMA gate is always on, so what is left is that the guest has its own CPUs and huge pages. */
export function validateNuma(causes: Causes, path: string, { domain }: Spec): void {
  if (!domain.cpu?.numa?.guestMappingPassthrough) return;
  const field = `${path}.domain.cpu.numa.guestMappingPassthrough`;
  if (!domain.cpu.dedicatedCpuPlacement) {
    causes.push(
      invalid(
        `${path}.domain.cpu.dedicatedCpuPlacement must be set to true when NUMA topology strategy is set in ${field}`,
        field,
      ),
    );
  }
  if (!domain.memory?.hugepages) {
    causes.push(
      invalid(
        `${path}.domain.memory.hugepages must be requested when NUMA topology strategy is set in ${field}`,
        field,
      ),
    );
  }
}

export function validateCpuOptions(causes: Causes, path: string, { domain }: Spec): void {
  const { cpu } = domain;
  if (!cpu) return;
  if (cpu.isolateEmulatorThread && !cpu.dedicatedCpuPlacement) {
    causes.push(
      invalid(
        'IsolateEmulatorThread should be only set in combination with DedicatedCPUPlacement',
        `${path}.domain.cpu.isolateEmulatorThread`,
      ),
    );
  }
  cpu.features?.forEach(({ name, policy = '' }, index) => {
    if (FEATURE_POLICIES.has(policy)) return;
    causes.push(
      notSupported(
        `CPU feature ${name} uses policy ${policy} that is not supported.`,
        `${path}.domain.cpu.features[${index}].policy`,
      ),
    );
  });
  if (cpu.maxSockets && (cpu.sockets ?? 0) > cpu.maxSockets) {
    causes.push(
      invalid(
        'Number of sockets in CPU topology is greater than the maximum sockets allowed',
        `${path}.domain.cpu.sockets`,
      ),
    );
  }
}

export function validateRealtime(causes: Causes, path: string, { domain }: Spec): void {
  const { cpu } = domain;
  if (!cpu?.realtime) return;
  const realtime = `${path}.domain.cpu.realtime`;
  if (!cpu.dedicatedCpuPlacement) {
    const field = `${path}.domain.cpu.dedicatedCpuPlacement`;
    causes.push(required(`${field} must be set to true when ${realtime} is used`, field));
  }
  if (!cpu.numa?.guestMappingPassthrough) {
    const field = `${path}.domain.cpu.numa.guestMappingPassthrough`;
    causes.push(required(`${field} must be defined when ${realtime} is used`, field));
  }
}
