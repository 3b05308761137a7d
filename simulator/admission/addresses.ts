/** Addresses as Go's net package reads them. */

/** Decimal without leading zeros, as Go has insisted since 1.17. */
const OCTET = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = new RegExp(`^(${OCTET}\\.){3}${OCTET}$`);
const GROUP = /^[0-9a-fA-F]{1,4}$/;
const MAC_FORMS = [
  /^[0-9a-fA-F]{2}([:-])[0-9a-fA-F]{2}(\1[0-9a-fA-F]{2})*$/,
  /^[0-9a-fA-F]{4}(\.[0-9a-fA-F]{4})+$/,
];
const ETHERNET_BYTES = 6;
/** Ethernet, EUI-64 and IP-over-InfiniBand. */
const MAC_BYTES = [ETHERNET_BYTES, 8, 20];

export function isIpv4Address(text: string): boolean {
  return IPV4.test(text);
}

export function isIpAddress(text: string): boolean {
  return isIpv4Address(text) || isIpv6Address(text);
}

function isIpv6Address(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  let groups = 0;
  const parts = halves.map(half => (half === '' ? [] : half.split(':')));
  for (const [side, half] of parts.entries()) {
    for (const [index, part] of half.entries()) {
      const last = side === parts.length - 1 && index === half.length - 1;
      if (last && isIpv4Address(part)) groups += 2;
      else if (GROUP.test(part)) groups += 1;
      else return false;
    }
  }
  return halves.length === 2 ? groups < 8 : groups === 8;
}

/** What is wrong with a MAC address in KubeVirt's words, or undefined (pkg/network/link ValidateMacAddress). */
export function macAddressError(text: string | undefined): string | undefined {
  if (!text) return undefined;
  const bytes = text.replaceAll(/[:.-]/g, '').length / 2;
  if (!MAC_FORMS.some(form => form.test(text)) || !MAC_BYTES.includes(bytes))
    return `malformed MAC address (${text})`;
  return bytes > ETHERNET_BYTES ? `too long MAC address (${text})` : undefined;
}

const PCI_ADDRESS = /^[\da-fA-F]{4}:[\da-fA-F]{2}:[\da-fA-F]{2}\.[0-7]$/;

/** Domain, bus, slot and function: `0000:81:01.0`. */
export function isPciAddress(text: string): boolean {
  return PCI_ADDRESS.test(text);
}
