/** Semantic versions in rules (apiserver v1.35 pkg/cel/library/semverlib.go): order by semver.org, build data ignored. */
import type { Environment } from '@marcbachmann/cel-js';

const IDENTIFIER = '(?:0|[1-9]\\d*|\\d*[A-Za-z-][0-9A-Za-z-]*)';
const PATTERN = new RegExp(
  `^(0|[1-9]\\d*)\\.(0|[1-9]\\d*)\\.(0|[1-9]\\d*)(?:-(${IDENTIFIER}(?:\\.${IDENTIFIER})*))?(?:\\+([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?$`,
);

export class CelSemver {
  readonly numbers: readonly [bigint, bigint, bigint];
  readonly prerelease: readonly string[];

  constructor(numbers: readonly [bigint, bigint, bigint], prerelease: readonly string[]) {
    this.numbers = numbers;
    this.prerelease = prerelease;
  }

  equals(other: unknown): boolean {
    return other instanceof CelSemver && compareSemver(this, other) === 0;
  }
}

/** Without a leading `v` and leading zeros, with minor and patch. */
function normalized(text: string): string {
  const [, core = '', rest = ''] = /^v?([^-+]*)(.*)$/s.exec(text) ?? [];
  const parts = core.split('.').map(part => part.replace(/^0+(?=\d)/, ''));
  while (parts.length < 3) parts.push('0');
  return parts.join('.') + rest;
}

/** @throws Error for what is no version. */
export function parseSemver(text: string, normalize = false): CelSemver {
  const match = PATTERN.exec(normalize ? normalized(text) : text);
  if (!match)
    throw new Error(
      `semver parse error during conversion from string: invalid version ${JSON.stringify(text)}`,
    );
  const [, major = '', minor = '', patch = '', prerelease] = match;
  return new CelSemver([BigInt(major), BigInt(minor), BigInt(patch)], prerelease?.split('.') ?? []);
}

function compareIdentifiers(a: string, b: string): number {
  const [left, right] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (left !== right) return left ? -1 : 1;
  if (left) return BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0;
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareSemver(a: CelSemver, b: CelSemver): number {
  for (const at of [0, 1, 2] as const) {
    if (a.numbers[at] !== b.numbers[at]) return a.numbers[at] < b.numbers[at] ? -1 : 1;
  }
  if (a.prerelease.length === 0 || b.prerelease.length === 0) {
    return Number(b.prerelease.length > 0) - Number(a.prerelease.length > 0);
  }
  for (let at = 0; at < Math.min(a.prerelease.length, b.prerelease.length); at += 1) {
    const order = compareIdentifiers(a.prerelease[at] as string, b.prerelease[at] as string);
    if (order !== 0) return order;
  }
  return Math.sign(a.prerelease.length - b.prerelease.length);
}

export function registerVersions(environment: Environment): void {
  const isSemver = (text: string, normalize = false) => PATTERN.test(normalize ? normalized(text) : text);
  environment
    .registerType('kubernetes.Semver', { ctor: CelSemver, fields: {} })
    .registerFunction('semver(string): kubernetes.Semver', (text: string) => parseSemver(text))
    .registerFunction('semver(string, bool): kubernetes.Semver', parseSemver)
    .registerFunction('isSemver(string): bool', (text: string) => isSemver(text))
    .registerFunction('isSemver(string, bool): bool', isSemver)
    .registerFunction('kubernetes.Semver.compareTo(kubernetes.Semver): int', (a: CelSemver, b: CelSemver) =>
      BigInt(compareSemver(a, b)),
    )
    .registerFunction(
      'kubernetes.Semver.isLessThan(kubernetes.Semver): bool',
      (a: CelSemver, b: CelSemver) => compareSemver(a, b) < 0,
    )
    .registerFunction(
      'kubernetes.Semver.isGreaterThan(kubernetes.Semver): bool',
      (a: CelSemver, b: CelSemver) => compareSemver(a, b) > 0,
    )
    .registerOperator('kubernetes.Semver == kubernetes.Semver', (a: CelSemver, b: CelSemver) => a.equals(b));
  for (const [at, name] of ['major', 'minor', 'patch'].entries()) {
    environment.registerFunction(
      `kubernetes.Semver.${name}(): int`,
      ({ numbers }: CelSemver) => numbers[at] as bigint,
    );
  }
}
