/** networking.k8s.io (kubernetes pkg/registry/networking, v1.35). */
import type { KubeObject } from '../types/meta.ts';
import { builtIn } from './build.ts';
import { AGE, column, NONE, selectorText } from './cells.ts';
import { ingressClassDefaults, networkPolicyDefaults } from './cluster-rules.ts';
import { firstThree } from './core-columns.ts';
import { withStatus } from './core-rules.ts';
import type { ResourceDefinition } from './definition.ts';
import { asList, at, objects, text } from './fields.ts';
import { cluster, string } from './shared.ts';

function ingressHosts(ingress: KubeObject): string {
  const hosts = objects(at(ingress, 'spec', 'rules'))
    .map(rule => text(rule.host))
    .filter(host => host !== '');
  return hosts.length === 0 ? '*' : firstThree(hosts);
}

export const networkingDefinitions: readonly ResourceDefinition[] = [
  builtIn({
    group: 'networking.k8s.io',
    plural: 'ingressclasses',
    kind: 'IngressClass',
    applyDefaults: ingressClassDefaults,
    ...cluster,
    generation: 'spec',
    columns: [
      column('Controller', string('spec', 'controller')),
      column('Parameters', object => {
        const parameters = at(object, 'spec', 'parameters');
        if (!parameters) return NONE;
        const group = text(at(parameters, 'apiGroup'));
        const kind = text(at(parameters, 'kind'));
        return `${kind}${group ? `.${group}` : ''}/${text(at(parameters, 'name'))}`;
      }),
      AGE,
    ],
  }),
  builtIn({
    group: 'networking.k8s.io',
    plural: 'ingresses',
    kind: 'Ingress',
    prepareForCreate: withStatus({ loadBalancer: {} }),
    shortNames: ['ing'],
    hasStatus: true,
    generation: 'spec',
    columns: [
      column('Class', object => text(at(object, 'spec', 'ingressClassName'), NONE)),
      column('Hosts', ingressHosts),
      column('Address', object =>
        objects(at(object, 'status', 'loadBalancer', 'ingress'))
          .map(entry => text(entry.ip) || text(entry.hostname))
          .join(','),
      ),
      column('Ports', object => (objects(at(object, 'spec', 'tls')).length > 0 ? '80, 443' : '80')),
      AGE,
    ],
  }),
  builtIn({
    group: 'networking.k8s.io',
    plural: 'ipaddresses',
    singular: 'ipaddress',
    kind: 'IPAddress',
    shortNames: ['ip'],
    ...cluster,
    columns: [
      column('ParentRef', object => {
        const parent = at(object, 'spec', 'parentRef');
        if (!parent) return NONE;
        const path = [
          text(at(parent, 'resource')),
          text(at(parent, 'group')) && `.${text(at(parent, 'group'))}`,
        ].join('');
        const namespace = text(at(parent, 'namespace'));
        return `${path}/${namespace ? `${namespace}/` : ''}${text(at(parent, 'name'))}`;
      }),
      AGE,
    ],
  }),
  builtIn({
    group: 'networking.k8s.io',
    plural: 'networkpolicies',
    kind: 'NetworkPolicy',
    applyDefaults: networkPolicyDefaults,
    shortNames: ['netpol'],
    generation: 'spec',
    columns: [column('Pod-Selector', object => selectorText(at(object, 'spec', 'podSelector'))), AGE],
  }),
  builtIn({
    group: 'networking.k8s.io',
    plural: 'servicecidrs',
    kind: 'ServiceCIDR',
    ...cluster,
    hasStatus: true,
    columns: [column('CIDRs', object => (asList(at(object, 'spec', 'cidrs')) as string[]).join(',')), AGE],
  }),
];
