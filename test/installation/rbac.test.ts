import { expect, test } from 'vitest';
import { bindingObject, parseRule, roleObject } from '../../simulator/installation/rbac.ts';

test.each([
  [
    'core: pods pods/log = get list',
    { apiGroups: [''], resources: ['pods', 'pods/log'], verbs: ['get', 'list'] },
  ],
  [
    'core,events.k8s.io: events = create',
    { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create'] },
  ],
  [
    'core: configmaps [kubevirt-ca] = get',
    { apiGroups: [''], resourceNames: ['kubevirt-ca'], resources: ['configmaps'], verbs: ['get'] },
  ],
  ['/healthz /version = get', { nonResourceURLs: ['/healthz', '/version'], verbs: ['get'] }],
  ['*: * = *', { apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
  ['* = *', { nonResourceURLs: ['*'], verbs: ['*'] }],
])('%s', (text, rule) => {
  expect(parseRule(text)).toEqual(rule);
});

test.each(['core: pods', 'pods = get'])('%s is refused by name', text => {
  expect(() => parseRule(text)).toThrow(JSON.stringify(text));
});

test('an aggregate gathers what carries its label, through other aggregates too', () => {
  const view = { name: 'view', labels: { 'to-edit': 'true' }, aggregates: 'to-view', rules: [] };
  const edit = { name: 'edit', aggregates: 'to-edit', rules: [] };
  const reader = { name: 'reader', labels: { 'to-view': 'true' }, rules: ['core: pods = get'] };
  const writer = {
    name: 'writer',
    labels: { 'to-edit': 'true' },
    rules: ['core: pods = update', 'core: pods = get'],
  };
  expect(roleObject(edit, [view, edit, reader, writer])).toMatchObject({
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { 'to-edit': 'true' } }] },
    rules: [{ verbs: ['get'] }, { verbs: ['update'] }],
  });
});

test('subjects are users, groups and service accounts', () => {
  expect(
    bindingObject({
      name: 'b',
      role: 'ClusterRole/view',
      subjects: ['Group/system:authenticated', 'ServiceAccount/ns/sa'],
    }),
  ).toMatchObject({
    kind: 'ClusterRoleBinding',
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects: [
      { apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:authenticated' },
      { kind: 'ServiceAccount', name: 'sa', namespace: 'ns' },
    ],
  });
});
