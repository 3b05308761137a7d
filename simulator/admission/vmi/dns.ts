/** Host name and name resolution of a VMI (KubeVirt v1.9 admitters/vmi-create-admitter.go). */
import type { VirtualMachineInstanceSpec } from '../../types/kubevirt.ts';
import type { StatusCause } from '../../types/meta.ts';
import { invalid, notSupported, required } from '../causes.ts';
import { isIpAddress } from '../addresses.ts';
import { dnsLabelErrors, dnsSubdomainErrors } from '../kubernetes-names.ts';

type Spec = VirtualMachineInstanceSpec;
type Causes = StatusCause[];

interface DnsConfig {
  nameservers?: string[];
  searches?: string[];
  options?: { name?: string; value?: string }[];
}

const POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None', ''];
const MOST_NAMESERVERS = 3;
const MOST_SEARCHES = 6;
const MOST_SEARCH_CHARACTERS = 256;

export function validateHostName(causes: Causes, path: string, { hostname, subdomain }: Spec): void {
  if (hostname) {
    const errors = dnsLabelErrors(hostname);
    if (errors.length > 0) {
      const field = `${path}.hostname`;
      causes.push(
        invalid(`${field} does not conform to the kubernetes DNS_LABEL rules : ${errors.join(', ')}`, field),
      );
    }
  }
  if (subdomain) {
    const errors = dnsSubdomainErrors(subdomain);
    if (errors.length > 0) {
      const field = `${path}.subdomain`;
      causes.push(
        invalid(
          `${field} does not conform to the kubernetes DNS_SUBDOMAIN rules : ${errors.join(', ')}`,
          field,
        ),
      );
    }
  }
}

export function validateDns(causes: Causes, path: string, { dnsPolicy = '', dnsConfig }: Spec): void {
  if (!POLICIES.includes(dnsPolicy)) {
    causes.push(
      notSupported(
        `DNSPolicy: ${dnsPolicy} is not supported, valid values: [${POLICIES.join(' ')}]`,
        `${path}.dnsPolicy`,
      ),
    );
  }
  const config = dnsConfig as DnsConfig | undefined;
  if (dnsPolicy === 'None') {
    if (!config) {
      causes.push(required('must provide `dnsConfig` when `dnsPolicy` is None', `${path}.dnsConfig`));
      return;
    }
    if (!config.nameservers?.length) {
      causes.push(
        required('must provide at least one DNS nameserver when `dnsPolicy` is None', 'nameservers'),
      );
      return;
    }
  }
  if (config) validateDnsConfig(causes, config);
}

/** KubeVirt names these fields without their path. */
function validateDnsConfig(
  causes: Causes,
  { nameservers = [], searches = [], options = [] }: DnsConfig,
): void {
  if (nameservers.length > MOST_NAMESERVERS) {
    causes.push(
      invalid(
        `must not have more than ${MOST_NAMESERVERS} nameservers: [${nameservers.join(' ')}]`,
        'nameservers',
      ),
    );
  }
  for (const server of nameservers) {
    if (!isIpAddress(server)) causes.push(invalid(`must be valid IP address: ${server}`, 'nameservers'));
  }
  if (searches.length > MOST_SEARCHES) {
    causes.push(invalid(`must not have more than ${MOST_SEARCHES} search paths`, 'searchDomains'));
  }
  if (searches.join(' ').length > MOST_SEARCH_CHARACTERS) {
    causes.push(
      invalid(
        `must not have more than ${MOST_SEARCH_CHARACTERS} characters (including spaces) in the search list`,
        'searchDomains',
      ),
    );
  }
  for (const search of searches) {
    for (const error of dnsSubdomainErrors(search)) causes.push(invalid(error, 'searchDomains'));
  }
  for (const { name } of options) {
    if (!name) causes.push(invalid('Option.Name must not be empty', 'options'));
  }
}
