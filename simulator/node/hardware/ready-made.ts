/** The ready-made profiles by name. */
import { parse } from 'yaml';
import { parseHardwareProfile } from './parse-profile.ts';
import type { HardwareProfile } from './profile.ts';
import { yaml as amdEpyc } from './profiles/amd-epyc.ts';
import { yaml as armServer } from './profiles/arm64-server.ts';
import { yaml as controlPlane } from './profiles/control-plane.ts';
import { yaml as laptop } from './profiles/laptop-emulation.ts';
import { yaml as numaGpu } from './profiles/numa-gpu.ts';
import { yaml as numaServer } from './profiles/numa-server.ts';
import { yaml as s390x } from './profiles/s390x.ts';
import { yaml as smallIntel } from './profiles/small-intel.ts';
import { yaml as sriovServer } from './profiles/sriov-server.ts';

const SOURCES: Readonly<Record<string, string>> = {
  'amd-epyc': amdEpyc,
  'arm64-server': armServer,
  'control-plane': controlPlane,
  'laptop-emulation': laptop,
  'numa-gpu': numaGpu,
  'numa-server': numaServer,
  s390x,
  'small-intel': smallIntel,
  'sriov-server': sriovServer,
};

const parsed = new Map<string, HardwareProfile>();

/** The names of the ready-made profiles, in order. */
export function readyMadeNames(): string[] {
  return Object.keys(SOURCES);
}

/** The YAML text of a ready-made profile, to copy from; undefined when there is none of that name. */
export function readyMadeYaml(name: string): string | undefined {
  return Object.hasOwn(SOURCES, name) ? SOURCES[name] : undefined;
}

/** A ready-made profile, read at its first use; undefined when there is none of that name. */
export function readyMadeProfile(name: string): HardwareProfile | undefined {
  const source = readyMadeYaml(name);
  if (source === undefined) return undefined;
  let profile = parsed.get(name);
  if (!profile) {
    profile = parseHardwareProfile(parse(source));
    parsed.set(name, profile);
  }
  return profile;
}
