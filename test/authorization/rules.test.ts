import { expect, test } from 'vitest';
import {
  type Attributes,
  type PolicyRule,
  forbiddenMessage,
  ruleAllows,
} from '../../simulator/authorization/index.ts';

const user = { username: 'jane', groups: [] };

/** `get pods/log` or `get apps/deployments [name]`; a wish for a path begins with a slash. */
function wish(text: string): Attributes {
  const [verb = '', what = '', name] = text.split(' ');
  if (what.startsWith('/')) return { user, verb, path: what };
  const [group = '', rest = ''] = what.includes(':') ? what.split(':') : ['', what];
  const [resource = '', ...subresource] = rest.split('/');
  return { user, verb, apiGroup: group, resource, subresource: subresource.join('/'), name };
}

const pods: PolicyRule = { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] };

test.each<[string, PolicyRule, string, boolean]>([
  ['the verb, group and resource named', pods, 'get pods', true],
  ['another verb', pods, 'delete pods', false],
  ['another group', pods, 'get apps:pods', false],
  ['another resource', pods, 'get services', false],
  ['a resource does not give its subresources', pods, 'get pods/log', false],
  ['a subresource that is named', { ...pods, resources: ['pods/log'] }, 'get pods/log', true],
  ['a subresource does not give its resource', { ...pods, resources: ['pods/log'] }, 'get pods', false],
  [
    'one subresource of all resources',
    { ...pods, resources: ['*/scale'], apiGroups: ['*'] },
    'get apps:deployments/scale',
    true,
  ],
  ['not another subresource of all', { ...pods, resources: ['*/scale'] }, 'get pods/status', false],
  ['*/x is no resource', { ...pods, resources: ['*/scale'] }, 'get scale', false],
  ['all resources, subresources too', { ...pods, resources: ['*'] }, 'get pods/log', true],
  ['all verbs', { ...pods, verbs: ['*'] }, 'impersonate pods', true],
  ['all groups', { ...pods, apiGroups: ['*'] }, 'get apps:pods', true],
  ['a stem is no pattern', { ...pods, resources: ['po*'] }, 'get pods', false],
  [
    'nested subresource by its full name',
    { ...pods, resources: ['pods/vnc/screenshot'] },
    'get pods/vnc/screenshot',
    true,
  ],
  ['a name that is named', { ...pods, resourceNames: ['a', 'b'] }, 'get pods b', true],
  ['another name', { ...pods, resourceNames: ['a', 'b'] }, 'get pods c', false],
  ['no name where names are named', { ...pods, resourceNames: ['a'] }, 'list pods', false],
  ['an empty list of names is any', { ...pods, resourceNames: [] }, 'list pods', true],
  ['a path for a resource rule', pods, 'get /healthz', false],
  ['a path', { verbs: ['get'], nonResourceURLs: ['/healthz'] }, 'get /healthz', true],
  ['a longer path', { verbs: ['get'], nonResourceURLs: ['/healthz'] }, 'get /healthz/ping', false],
  ['a path pattern', { verbs: ['get'], nonResourceURLs: ['/healthz/*'] }, 'get /healthz/ping', true],
  [
    'a path pattern needs its stem',
    { verbs: ['get'], nonResourceURLs: ['/healthz/*'] },
    'get /healthz',
    false,
  ],
  ['every path', { verbs: ['*'], nonResourceURLs: ['*'] }, 'post /anything', true],
  ['a path rule for a resource', { verbs: ['*'], nonResourceURLs: ['*'] }, 'get pods', false],
])('%s', (_title, rule, text, allowed) => {
  expect(ruleAllows(rule, wish(text))).toBe(allowed);
});

test.each<[Attributes, string]>([
  [
    { user, verb: 'list', apiGroup: '', resource: 'pods', namespace: 'default' },
    'User "jane" cannot list resource "pods" in API group "" in the namespace "default"',
  ],
  [
    {
      user,
      verb: 'get',
      apiGroup: 'apps',
      resource: 'deployments',
      subresource: 'scale',
      namespace: 'x',
      name: 'y',
    },
    'User "jane" cannot get resource "deployments/scale" in API group "apps" in the namespace "x"',
  ],
  [
    { user, verb: 'list', apiGroup: '', resource: 'nodes' },
    'User "jane" cannot list resource "nodes" in API group "" at the cluster scope',
  ],
  [{ user, verb: 'get', path: '/metrics' }, 'User "jane" cannot get path "/metrics"'],
])('a refusal reads as the API server writes it: %#', (attributes, text) => {
  expect(forbiddenMessage(attributes)).toBe(text);
});
