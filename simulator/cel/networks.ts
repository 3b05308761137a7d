/** IP addresses and networks in rules (apiserver v1.35 pkg/cel/library/ip.go, cidr.go): addresses as big integers. */
import type { Environment } from '@marcbachmann/cel-js';

/** An address with its family; IPv4 addresses in IPv6 and zones are refused. */
export class CelIp {
  readonly bits: bigint;
  readonly family: 4 | 6;

  constructor(bits: bigint, family: 4 | 6) {
    this.bits = bits;
    this.family = family;
  }

  equals(other: unknown): boolean {
    return other instanceof CelIp && other.bits === this.bits && other.family === this.family;
  }

  /** The canonical form: RFC 5952 for IPv6. */
  toString(): string {
    if (this.family === 4) return [24n, 16n, 8n, 0n].map(shift => (this.bits >> shift) & 255n).join('.');
    const groups = Array.from({ length: 8 }, (_, at) =>
      Number((this.bits >> BigInt(112 - 16 * at)) & 0xffffn),
    );
    let [start, length] = [-1, 1];
    for (let at = 0; at < 8; at += 1) {
      let end = at;
      while (end < 8 && groups[end] === 0) end += 1;
      if (end - at > length) [start, length] = [at, end - at];
    }
    const hex = (part: number[]) => part.map(group => group.toString(16)).join(':');
    return start < 0 ? hex(groups) : `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`;
  }
}

export class CelCidr {
  readonly ip: CelIp;
  readonly prefix: number;

  constructor(ip: CelIp, prefix: number) {
    this.ip = ip;
    this.prefix = prefix;
  }

  equals(other: unknown): boolean {
    return other instanceof CelCidr && other.prefix === this.prefix && other.ip.equals(this.ip);
  }

  toString(): string {
    return `${this.ip.toString()}/${this.prefix}`;
  }

  get masked(): CelCidr {
    const host = BigInt(widthOf(this.ip) - this.prefix);
    return new CelCidr(new CelIp((this.ip.bits >> host) << host, this.ip.family), this.prefix);
  }

  contains(ip: CelIp): boolean {
    const host = BigInt(widthOf(this.ip) - this.prefix);
    return ip.family === this.ip.family && ip.bits >> host === this.ip.bits >> host;
  }
}

function widthOf({ family }: CelIp): number {
  return family === 4 ? 32 : 128;
}

function parseV4(text: string): bigint | undefined {
  const octets = text.split('.');
  if (
    octets.length !== 4 ||
    !octets.every(octet => /^(0|[1-9]\d{0,2})$/.test(octet) && Number(octet) < 256)
  ) {
    return undefined;
  }
  return octets.reduce((bits, octet) => (bits << 8n) | BigInt(octet), 0n);
}

function parseV6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const parse = (half: string): number[] | undefined => {
    if (half === '') return [];
    const groups: number[] = [];
    const parts = half.split(':');
    for (const [at, part] of parts.entries()) {
      const v4 = at === parts.length - 1 && part.includes('.') ? parseV4(part) : undefined;
      if (v4 !== undefined) groups.push(Number(v4 >> 16n), Number(v4 & 0xffffn));
      else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
      else return undefined;
    }
    return groups;
  };
  const head = parse(halves[0] as string);
  const tail = halves.length === 2 ? parse(halves[1] as string) : [];
  if (!head || !tail) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => 0), ...tail];
  return groups.reduce((bits, group) => (bits << 16n) | BigInt(group), 0n);
}

/** @throws Error in the words of Go's netip where the text is no address that rules may use. */
export function parseIp(text: string): CelIp {
  if (text.includes('%'))
    throw new Error(`IP address ${JSON.stringify(text)} with zone value is not allowed`);
  const v4 = text.includes(':') ? undefined : parseV4(text);
  if (v4 !== undefined) return new CelIp(v4, 4);
  const v6 = text.includes(':') ? parseV6(text) : undefined;
  if (v6 === undefined) {
    throw new Error(
      `IP Address ${JSON.stringify(text)} parse error during conversion from string: ParseAddr(${JSON.stringify(text)}): unable to parse IP`,
    );
  }
  if (v6 >> 32n === 0xffffn)
    throw new Error(`IPv4-mapped IPv6 address ${JSON.stringify(text)} is not allowed`);
  return new CelIp(v6, 6);
}

export function parseCidr(text: string): CelCidr {
  const [address = '', prefix = '', ...more] = text.split('/');
  const bad = `network address parse error during conversion from string: netip.ParsePrefix(${JSON.stringify(text)}): no '/'`;
  if (more.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(prefix)) throw new Error(bad);
  const ip = parseIp(address);
  if (Number(prefix) > widthOf(ip)) throw new Error(bad.replace("no '/'", 'prefix length out of range'));
  return new CelCidr(ip, Number(prefix));
}

function succeeds(parse: (text: string) => unknown): (text: string) => boolean {
  return text => {
    try {
      parse(text);
      return true;
    } catch {
      return false;
    }
  };
}

const starts = ({ bits, family }: CelIp, network: string): boolean => {
  const { ip, prefix } = parseCidr(network);
  const host = BigInt(widthOf(ip) - prefix);
  return ip.family === family && bits >> host === ip.bits >> host;
};
const within =
  (...networks: string[]) =>
  (ip: CelIp) =>
    networks.some(network => starts(ip, network));

const isLoopback = within('127.0.0.0/8', '::1/128');
const isLinkLocalMulticast = within('224.0.0.0/24', 'ff02::/16');
const isLinkLocalUnicast = within('169.254.0.0/16', 'fe80::/10');
const isMulticast = within('224.0.0.0/4', 'ff00::/8');
const isUnspecified = (ip: CelIp) => ip.bits === 0n;
const isGlobalUnicast = (ip: CelIp) =>
  !isUnspecified(ip) &&
  !starts(ip, '255.255.255.255/32') &&
  !isLoopback(ip) &&
  !isMulticast(ip) &&
  !isLinkLocalUnicast(ip);

export function registerNetworks(environment: Environment): void {
  environment
    .registerType('net.IP', { ctor: CelIp, fields: {} })
    .registerType('net.CIDR', { ctor: CelCidr, fields: {} })
    .registerFunction('ip(string): net.IP', parseIp)
    .registerFunction('isIP(string): bool', succeeds(parseIp))
    .registerFunction('string(net.IP): string', (ip: CelIp) => ip.toString())
    .registerFunction('net.IP.family(): int', ({ family }: CelIp) => BigInt(family))
    .registerFunction('net.IP.isUnspecified(): bool', isUnspecified)
    .registerFunction('net.IP.isLoopback(): bool', isLoopback)
    .registerFunction('net.IP.isLinkLocalMulticast(): bool', isLinkLocalMulticast)
    .registerFunction('net.IP.isLinkLocalUnicast(): bool', isLinkLocalUnicast)
    .registerFunction('net.IP.isGlobalUnicast(): bool', isGlobalUnicast)
    .registerFunction(
      'IpNamespace.isCanonical(string): bool',
      (_: unknown, text: string) => parseIp(text).toString() === text,
    )
    .registerFunction('cidr(string): net.CIDR', parseCidr)
    .registerFunction('isCIDR(string): bool', succeeds(parseCidr))
    .registerFunction('string(net.CIDR): string', (network: CelCidr) => network.toString())
    .registerFunction('net.CIDR.ip(): net.IP', ({ ip }: CelCidr) => ip)
    .registerFunction('net.CIDR.masked(): net.CIDR', ({ masked }: CelCidr) => masked)
    .registerFunction('net.CIDR.prefixLength(): int', ({ prefix }: CelCidr) => BigInt(prefix))
    .registerFunction('net.CIDR.containsIP(net.IP): bool', (network: CelCidr, ip: CelIp) =>
      network.contains(ip),
    )
    .registerFunction('net.CIDR.containsIP(string): bool', (network: CelCidr, ip: string) =>
      network.contains(parseIp(ip)),
    )
    .registerFunction('net.CIDR.containsCIDR(net.CIDR): bool', containsNetwork)
    .registerFunction('net.CIDR.containsCIDR(string): bool', (network: CelCidr, other: string) =>
      containsNetwork(network, parseCidr(other)),
    )
    .registerOperator('net.IP == net.IP', (a: CelIp, b: CelIp) => a.equals(b))
    .registerOperator('net.CIDR == net.CIDR', (a: CelCidr, b: CelCidr) => a.equals(b));
}

function containsNetwork(network: CelCidr, other: CelCidr): boolean {
  return other.prefix >= network.prefix && network.contains(other.masked.ip);
}
