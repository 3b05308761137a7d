/**
 * Named CPU models of QEMU and libvirt as differences from one another, and which of them a host can offer: those
 * all of whose features it has, whoever made either (libvirt's domain capabilities judge in the same way).
 */
import type { Architecture } from './profile.ts';

export interface CpuModel {
  name: string;
  vendor: string;
  /** Other names of the same model: QEMU's numbered versions. */
  aliases: readonly string[];
  features: readonly string[];
}

interface Step {
  name: string;
  vendor?: string;
  from?: string;
  add?: string;
  without?: string;
  aliases?: string;
}

const BASE =
  'apic clflush cmov cx8 de fpu fxsr lm mca mce mmx msr mtrr nx pae pat pge pni pse pse36 sep sse sse2 syscall tsc vme';
const AVX512 = 'avx512bw avx512cd avx512dq avx512f avx512vl';
const IMMUNE = 'arch-capabilities ibrs-all mds-no rdctl-no skip-l1dfl-vmentry';
const ICE = 'avx512-vpopcntdq avx512bitalg avx512vbmi avx512vbmi2 gfni la57 umip vaes vpclmulqdq wbnoinvd';

const X86: readonly Step[] = [
  { name: 'qemu64', vendor: 'unknown', add: `${BASE} cx16`, aliases: 'qemu64-v1' },
  { name: 'kvm64', vendor: 'unknown', add: `${BASE} cx16`, aliases: 'kvm64-v1' },
  { name: 'Conroe', vendor: 'Intel', add: `${BASE} lahf_lm ssse3`, aliases: 'Conroe-v1' },
  { name: 'Penryn', from: 'Conroe', add: 'cx16 sse4.1', aliases: 'Penryn-v1' },
  { name: 'Nehalem', from: 'Penryn', add: 'popcnt sse4.2', aliases: 'Nehalem-v1' },
  { name: 'Nehalem-IBRS', from: 'Nehalem', add: 'spec-ctrl', aliases: 'Nehalem-v2' },
  { name: 'Westmere', from: 'Nehalem', add: 'aes pclmuldq', aliases: 'Westmere-v1' },
  { name: 'Westmere-IBRS', from: 'Westmere', add: 'spec-ctrl', aliases: 'Westmere-v2' },
  {
    name: 'SandyBridge',
    from: 'Westmere',
    add: 'avx rdtscp tsc-deadline x2apic xsave xsaveopt',
    aliases: 'SandyBridge-v1',
  },
  { name: 'SandyBridge-IBRS', from: 'SandyBridge', add: 'spec-ctrl', aliases: 'SandyBridge-v2' },
  { name: 'IvyBridge', from: 'SandyBridge', add: 'erms f16c fsgsbase rdrand smep', aliases: 'IvyBridge-v1' },
  { name: 'IvyBridge-IBRS', from: 'IvyBridge', add: 'spec-ctrl', aliases: 'IvyBridge-v2' },
  {
    name: 'Haswell-noTSX',
    from: 'IvyBridge',
    add: 'abm avx2 bmi1 bmi2 fma invpcid movbe pcid',
    aliases: 'Haswell-v2',
  },
  { name: 'Haswell', from: 'Haswell-noTSX', add: 'hle rtm', aliases: 'Haswell-v1' },
  { name: 'Haswell-IBRS', from: 'Haswell', add: 'spec-ctrl', aliases: 'Haswell-v3' },
  { name: 'Haswell-noTSX-IBRS', from: 'Haswell-noTSX', add: 'spec-ctrl', aliases: 'Haswell-v4' },
  {
    name: 'Broadwell-noTSX',
    from: 'Haswell-noTSX',
    add: '3dnowprefetch adx rdseed smap',
    aliases: 'Broadwell-v2',
  },
  { name: 'Broadwell', from: 'Broadwell-noTSX', add: 'hle rtm', aliases: 'Broadwell-v1' },
  { name: 'Broadwell-IBRS', from: 'Broadwell', add: 'spec-ctrl', aliases: 'Broadwell-v3' },
  { name: 'Broadwell-noTSX-IBRS', from: 'Broadwell-noTSX', add: 'spec-ctrl', aliases: 'Broadwell-v4' },
  { name: 'Skylake-Client', from: 'Broadwell', add: 'arat xgetbv1 xsavec', aliases: 'Skylake-Client-v1' },
  { name: 'Skylake-Client-IBRS', from: 'Skylake-Client', add: 'spec-ctrl', aliases: 'Skylake-Client-v2' },
  {
    name: 'Skylake-Client-noTSX-IBRS',
    from: 'Skylake-Client-IBRS',
    without: 'hle rtm',
    aliases: 'Skylake-Client-v3',
  },
  {
    name: 'Skylake-Server',
    from: 'Skylake-Client',
    add: `${AVX512} clwb pdpe1gb pku`,
    aliases: 'Skylake-Server-v1',
  },
  { name: 'Skylake-Server-IBRS', from: 'Skylake-Server', add: 'spec-ctrl', aliases: 'Skylake-Server-v2' },
  {
    name: 'Skylake-Server-noTSX-IBRS',
    from: 'Skylake-Server-IBRS',
    without: 'hle rtm',
    aliases: 'Skylake-Server-v3 Skylake-Server-v4',
  },
  {
    name: 'Cascadelake-Server',
    from: 'Skylake-Server-IBRS',
    add: 'avx512vnni clflushopt ssbd',
    aliases: 'Cascadelake-Server-v1',
  },
  { name: 'Cascadelake-Server-v2', from: 'Cascadelake-Server', add: IMMUNE },
  {
    name: 'Cascadelake-Server-noTSX',
    from: 'Cascadelake-Server-v2',
    without: 'hle rtm',
    aliases: 'Cascadelake-Server-v3 Cascadelake-Server-v4',
  },
  { name: 'Cascadelake-Server-v5', from: 'Cascadelake-Server-noTSX', add: 'xsaves' },
  {
    name: 'Cooperlake',
    from: 'Cascadelake-Server-v2',
    add: 'avx512-bf16 pschange-mc-no stibp taa-no',
    aliases: 'Cooperlake-v1',
  },
  { name: 'Cooperlake-v2', from: 'Cooperlake', add: 'xsaves' },
  { name: 'Icelake-Server', from: 'Cascadelake-Server', add: ICE, aliases: 'Icelake-Server-v1' },
  { name: 'Icelake-Server-noTSX', from: 'Icelake-Server', without: 'hle rtm', aliases: 'Icelake-Server-v2' },
  {
    name: 'SapphireRapids',
    from: 'Icelake-Server',
    add: `${IMMUNE} amx-bf16 amx-int8 amx-tile avx-vnni avx512-bf16 avx512-fp16 avx512ifma bus-lock-detect fsrc fsrm fsrs fzrm pschange-mc-no rdpid serialize sha-ni taa-no tsx-ldtrk xfd xsaves`,
    aliases: 'SapphireRapids-v1',
  },
  {
    name: 'SapphireRapids-v2',
    from: 'SapphireRapids',
    add: 'fbsdp-no psdp-no sbdr-ssdp-no',
  },
  {
    name: 'GraniteRapids',
    from: 'SapphireRapids-v2',
    add: 'amx-fp16 mcdt-no pbrsb-no prefetchiti',
    aliases: 'GraniteRapids-v1',
  },
  { name: 'Opteron_G1', vendor: 'AMD', add: BASE, aliases: 'Opteron_G1-v1' },
  { name: 'Opteron_G2', from: 'Opteron_G1', add: 'cx16 lahf_lm svm', aliases: 'Opteron_G2-v1' },
  {
    name: 'Opteron_G3',
    from: 'Opteron_G2',
    add: 'abm misalignsse popcnt rdtscp sse4a',
    aliases: 'Opteron_G3-v1',
  },
  {
    name: 'Opteron_G4',
    from: 'Opteron_G3',
    add: '3dnowprefetch aes avx fma4 npt nrip-save pclmuldq pdpe1gb sse4.1 sse4.2 ssse3 xop xsave',
    aliases: 'Opteron_G4-v1',
  },
  { name: 'Opteron_G5', from: 'Opteron_G4', add: 'f16c fma tbm', aliases: 'Opteron_G5-v1' },
  {
    name: 'EPYC',
    vendor: 'AMD',
    add: `${BASE} 3dnowprefetch abm adx aes arat avx avx2 bmi1 bmi2 clflushopt cr8legacy cx16 f16c fma fsgsbase fxsr_opt lahf_lm misalignsse mmxext movbe npt nrip-save osvw pclmuldq pdpe1gb popcnt rdrand rdseed rdtscp sha-ni smap smep sse4.1 sse4.2 sse4a ssse3 svm xgetbv1 xsave xsavec xsaveopt`,
    aliases: 'EPYC-v1',
  },
  { name: 'EPYC-IBPB', from: 'EPYC', add: 'ibpb', aliases: 'EPYC-v2' },
  { name: 'EPYC-v3', from: 'EPYC-IBPB', add: 'clzero perfctr_core xsaveerptr xsaves', aliases: 'EPYC-v4' },
  { name: 'Dhyana', vendor: 'Hygon', from: 'EPYC-IBPB', without: 'sha-ni', aliases: 'Dhyana-v1' },
  { name: 'EPYC-Rome', from: 'EPYC-v3', add: 'amd-stibp clwb rdpid umip wbnoinvd', aliases: 'EPYC-Rome-v1' },
  { name: 'EPYC-Rome-v2', from: 'EPYC-Rome', add: 'amd-ssbd ibrs', aliases: 'EPYC-Rome-v3' },
  { name: 'EPYC-Rome-v4', from: 'EPYC-Rome-v2', without: 'xsaves' },
  {
    name: 'EPYC-Milan',
    from: 'EPYC-Rome-v2',
    add: 'erms fsrm invpcid pcid pku svme-addr-chk',
    aliases: 'EPYC-Milan-v1',
  },
  {
    name: 'EPYC-Milan-v2',
    from: 'EPYC-Milan',
    add: 'amd-psfd lfence-always-serializing no-nested-data-bp null-sel-clr-base stibp-always-on vaes vpclmulqdq',
  },
  {
    name: 'EPYC-Genoa',
    from: 'EPYC-Milan-v2',
    add: `${AVX512} auto-ibrs avx512-bf16 avx512-vpopcntdq avx512bitalg avx512ifma avx512vbmi avx512vbmi2 avx512vnni gfni la57`,
    aliases: 'EPYC-Genoa-v1',
  },
];

/** IBM Z generations, oldest first. A host offers those from z196 up to its own; older ones need features since removed. */
const S390X_GENERATIONS: readonly (readonly string[])[] = [
  ['z900', 'z900.2', 'z900.3', 'z800'],
  ['z990', 'z990.2', 'z990.3', 'z990.4', 'z990.5', 'z890', 'z890.2', 'z890.3'],
  ['z9EC', 'z9EC.2', 'z9EC.3', 'z9BC', 'z9BC.2'],
  ['z10EC', 'z10EC.2', 'z10EC.3', 'z10BC', 'z10BC.2'],
  ['z196', 'z196.2', 'z114'],
  ['zEC12', 'zEC12.2', 'zBC12'],
  ['z13', 'z13.2', 'z13s'],
  ['z14', 'z14.2', 'z14ZR1'],
  ['gen15a', 'gen15b'],
  ['gen16a', 'gen16b'],
];
const OLDEST_USABLE_GENERATION = 4;

const S390X_FEATURES =
  'aefsi aen ais ap apft apqci apqi bpb cmm cmmnt cte diag318 edat edat2 els esop gs iep ipter mepoch mepochptff msa1 msa2 msa3 msa4 msa5 msa6 msa7 msa8 ppa15 ri sea_esop2 sthyi te vx vxeh vxpd zpci'.split(
    ' ',
  );

const ARM64_MODELS = [
  'cortex-a53',
  'cortex-a57',
  'cortex-a72',
  'cortex-a76',
  'neoverse-n1',
  'neoverse-n2',
  'neoverse-v1',
];

/** What KVM adds to any x86 guest, whatever the chip. */
const KVM_FEATURES = 'arat hypervisor tsc-deadline tsc_adjust umip x2apic'.split(' ');
/** What KVM adds on AMD chips, which the flaws behind these bits never touched. */
const KVM_AMD_FEATURES = 'arch-capabilities mds-no pschange-mc-no rdctl-no skip-l1dfl-vmentry'.split(' ');
/** AMD's and Intel's names for the same thing: KVM offers the second where the chip has the first. */
const KVM_SAME: readonly (readonly [has: readonly string[], offers: string])[] = [
  [['amd-ssbd'], 'ssbd'],
  [['amd-stibp'], 'stibp'],
  [['ibpb', 'ibrs'], 'spec-ctrl'],
];

/** What QEMU offers without KVM, and the model that libvirt then calls host-model. */
export const EMULATED_CPU = {
  model: 'EPYC',
  vendor: 'AMD',
  features:
    `${BASE} 3dnow 3dnowext 3dnowprefetch abm adx aes arat avx avx2 bmi1 bmi2 clflushopt clwb cr8legacy cx16 erms f16c fma fsgsbase fxsr_opt hypervisor la57 lahf_lm mmxext movbe mpx npt pclmuldq pdpe1gb pku popcnt rdpid rdrand rdseed rdtscp sha-ni smap smep ss sse4.1 sse4.2 sse4a ssse3 svm umip x2apic xgetbv1 xsave xsaveopt`.split(
      ' ',
    ),
} as const;

const X86_MODELS = buildModels();

function buildModels(): ReadonlyMap<string, CpuModel> {
  const models = new Map<string, CpuModel>();
  for (const { name, vendor, from, add = '', without = '', aliases = '' } of X86) {
    const parent = from === undefined ? undefined : models.get(from);
    const features = new Set(parent?.features);
    for (const feature of words(add)) features.add(feature);
    for (const feature of words(without)) features.delete(feature);
    models.set(name, {
      name,
      vendor: vendor ?? parent?.vendor ?? 'unknown',
      aliases: words(aliases),
      features: [...features].sort(),
    });
  }
  return models;
}

function words(text: string): string[] {
  return text === '' ? [] : text.split(' ');
}

/** A model by its name or by one of its versions' names. */
export function findCpuModel(architecture: Architecture, name: string): CpuModel | undefined {
  if (architecture === 'amd64') {
    return X86_MODELS.get(name) ?? [...X86_MODELS.values()].find(({ aliases }) => aliases.includes(name));
  }
  if (!modelNames(architecture).includes(name)) return undefined;
  return architecture === 's390x'
    ? { name, vendor: 'IBM', aliases: [], features: S390X_FEATURES }
    : { name, vendor: 'ARM', aliases: [], features: [] };
}

/** Every model name that QEMU knows for an architecture. */
export function modelNames(architecture: Architecture): readonly string[] {
  switch (architecture) {
    case 'amd64':
      return [...X86_MODELS.values()].flatMap(({ name, aliases }) => [name, ...aliases]);
    case 's390x':
      return ['qemu', 'max', ...S390X_GENERATIONS.flat().flatMap(name => [name, `${name}-base`])];
    case 'arm64':
      return ARM64_MODELS;
  }
}

/** The features that a guest can have on an x86 chip with KVM: the chip's own, and what KVM makes of them. */
export function hostFeatures(own: readonly string[], vendor: string): string[] {
  const features = new Set([...own, ...KVM_FEATURES]);
  if (vendor === 'AMD') for (const feature of KVM_AMD_FEATURES) features.add(feature);
  for (const [has, offers] of KVM_SAME) if (has.every(feature => features.has(feature))) features.add(offers);
  return [...features].sort();
}

/** What the host lacks for each x86 model: libvirt's blockers. Usable models lack nothing. */
export function modelBlockers(features: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const available = new Set(features);
  const blockers = new Map<string, readonly string[]>();
  for (const model of X86_MODELS.values()) {
    const missing = model.features.filter(feature => !available.has(feature));
    for (const name of [model.name, ...model.aliases]) blockers.set(name, missing);
  }
  return blockers;
}

/** The models that a machine of IBM Z can offer. */
export function usableS390xModels(host: string): string[] {
  const bare = host.replace(/-base$/, '');
  const generation = S390X_GENERATIONS.findIndex(names => names.includes(bare));
  const upTo = S390X_GENERATIONS[generation];
  if (!upTo) return ['qemu', 'max'];
  return [
    'qemu',
    'max',
    ...S390X_GENERATIONS.slice(OLDEST_USABLE_GENERATION, generation + 1)
      .flat()
      .flatMap(name => [name, `${name}-base`]),
  ];
}
