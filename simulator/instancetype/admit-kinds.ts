import type { InstancetypeSpec, PreferenceSpec } from '../types/kubevirt.ts';
import type { StatusCause } from '../types/meta.ts';
import {
  DEPRECATED_TOPOLOGIES,
  isKnownTopology,
  preferredTopology,
  SPREADS,
  spreadOptions,
} from './topology.ts';

/** What a validating webhook answers: denied when there are causes, otherwise allowed with warnings. */
export interface Admission {
  readonly causes: StatusCause[];
  readonly warnings: string[];
}

/** The webhook of both instancetype kinds, on create and update (KubeVirt v1.9 pkg/instancetype/webhooks). */
export function admitInstancetype(spec: InstancetypeSpec): Admission {
  const field = 'spec.memory.overcommitPercent';
  const percent = spec.memory?.overcommitPercent ?? 0;
  const causes: StatusCause[] = [];
  if (percent < 0 || percent > 100) {
    causes.push(invalid(field, `${field} '${percent}': must be in range between 0 and 100.`));
  }
  if (percent !== 0 && spec.memory?.hugepages) {
    causes.push(invalid(field, `${field} and spec.memory.hugepages should not be requested together.`));
  }
  if (causes.length > 0 || !spec.launchSecurity) return { causes, warnings: [] };
  return {
    causes,
    warnings: [
      'launchSecurity is deprecated and will be removed in a future release. Use preference instead.',
    ],
  };
}

/** The webhook of both preference kinds, on create and update (KubeVirt v1.9 pkg/instancetype/preference/webhooks). */
export function admitPreference(spec: PreferenceSpec): Admission {
  const topology = spec.cpu?.preferredCPUTopology;
  if (topology === undefined) return { causes: [], warnings: [] };
  const causes: StatusCause[] = [];
  if (!isKnownTopology(topology)) {
    causes.push(invalid('spec.cpu.preferredCPUTopology', `unknown preferredCPUTopology ${topology}`));
  }
  const spread = preferredTopology(spec) === 'spread' ? spreadFault(spec) : undefined;
  if (spread) causes.push(spread);
  const replacement = DEPRECATED_TOPOLOGIES.get(topology);
  if (causes.length > 0 || replacement === undefined) return { causes, warnings: [] };
  return {
    causes,
    warnings: [
      `PreferredCPUTopology ${topology} is deprecated for removal in a future release, please use ${replacement} instead`,
    ],
  };
}

function spreadFault(spec: PreferenceSpec): StatusCause | undefined {
  const { ratio, across } = spreadOptions(spec);
  if (!SPREADS.includes(across))
    return invalid('spec.cpu.spreadOptions.across', `across ${across} is not supported`);
  if (across !== 'CoresThreads' || ratio === 2) return undefined;
  return invalid(
    'spec.cpu.spreadOptions.ratio',
    'only a ratio of 2 (1 core 2 threads) is allowed when spreading vCPUs over cores and threads',
  );
}

function invalid(field: string, message: string): StatusCause {
  return { reason: 'FieldValueInvalid', message, field };
}
