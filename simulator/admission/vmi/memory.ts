/** Memory of a VMI (KubeVirt v1.9 admitters/vmi-create-admitter.go). */
import { isLiveUpdate, type KubeVirtConfig } from '../../kubevirt-config/index.ts';
import type { VirtualMachineInstanceSpec } from '../../types/kubevirt.ts';
import type { StatusCause } from '../../types/meta.ts';
import { QUANTITY_SYNTAX_ERROR, tryParseQuantity } from '../../types/quantity.ts';
import { invalid, required } from '../causes.ts';
import { isZero, printed, units } from '../quantities.ts';

type Spec = VirtualMachineInstanceSpec;
type Causes = StatusCause[];

const LEAST_REQUEST = 1_000_000;

export function validateMemoryRequest(causes: Causes, path: string, { domain }: Spec): void {
  const request = domain.resources?.requests?.memory;
  if (request === undefined) return;
  const bytes = units(request);
  const field = 'domain.resources.requests.memory';
  if (bytes < 0) {
    causes.push(
      invalid(
        `${path}.${field} '${printed(request)}': must be greater than or equal to 0.`,
        `${path}.${field}`,
      ),
    );
  } else if (bytes > 0 && bytes < LEAST_REQUEST) {
    causes.push(
      invalid(
        `${path}.${field} '${printed(request)}': must be greater than or equal to 1M.`,
        `${path}.${field}`,
      ),
    );
  }
}

export function validateMemoryLimit(causes: Causes, path: string, { domain }: Spec): void {
  const limit = domain.resources?.limits?.memory;
  if (limit === undefined) return;
  const bytes = units(limit);
  const limitField = `${path}.domain.resources.limits.memory`;
  if (bytes < 0) {
    causes.push(
      invalid(`${limitField} '${printed(limit)}': must be greater than or equal to 0.`, limitField),
    );
  }
  const request = domain.resources?.requests?.memory;
  if (bytes > 0 && units(request) > bytes) {
    const field = `${path}.domain.resources.requests.memory`;
    causes.push(
      invalid(`${field} '${printed(request)}' is greater than ${limitField} '${printed(limit)}'`, field),
    );
  }
}

export function validateHugepages(causes: Causes, path: string, { domain }: Spec): void {
  const { memory, resources } = domain;
  if (!memory?.hugepages) return;
  const pageSize = memory.hugepages.pageSize ?? '';
  const pageField = `${path}.domain.memory.hugepages.pageSize`;
  const parsed = tryParseQuantity(pageSize);
  if (!parsed) {
    causes.push(invalid(`${pageField} '${pageSize}': ${QUANTITY_SYNTAX_ERROR}`, pageField));
    return;
  }
  const pageBytes = units(pageSize);
  const request = resources?.requests?.memory;
  const bytes = units(request) || units(memory.guest) || units(resources?.limits?.memory);
  const field = `${path}.domain.resources.requests.memory`;
  if (bytes !== 0 && bytes < pageBytes) {
    causes.push(
      invalid(
        `${field} '${printed(request)}' must be equal to or larger than page size ${pageField} '${pageSize}'`,
        field,
      ),
    );
  } else if (pageBytes !== 0 && bytes % pageBytes !== 0) {
    causes.push(
      invalid(
        `${field} '${printed(request)}' is not a multiple of the page size ${pageField} '${pageSize}'`,
        field,
      ),
    );
  }
}

/** With live updates the limit need not hold the guest: it may grow. */
export function validateGuestMemoryLimit(
  causes: Causes,
  path: string,
  { domain }: Spec,
  config: KubeVirtConfig,
): void {
  const guest = domain.memory?.guest;
  const limit = domain.resources?.limits?.memory;
  if (guest === undefined || isZero(limit) || isLiveUpdate(config) || units(limit) >= units(guest)) return;
  const field = `${path}.domain.memory.guest`;
  causes.push(
    invalid(
      `${field} '${printed(guest)}' must be equal to or less than the memory limit ${path}.domain.resources.limits.memory '${printed(limit)}'`,
      field,
    ),
  );
}

/** Only a VMI must say how much memory it has: a VM may have it from its instancetype. */
export function validateMemoryGiven(causes: Causes, path: string, { domain }: Spec): void {
  if (units(domain.resources?.requests?.memory) !== 0) return;
  if (domain.memory?.guest !== undefined || domain.memory?.hugepages) return;
  causes.push(
    required(
      `no memory requested, at least one of '${path}.domain.memory.guest', '${path}.domain.memory.hugepages.pageSize' or '${path}.domain.resources.requests.memory' must be set`,
    ),
  );
}
