import { describe, expect, it } from 'vitest';
import { type AdmissionPlugin, podSubresources, tooManyRequests } from '../../simulator/apiserver/index.ts';
import { TestServer } from './fixture.ts';

const refusing: AdmissionPlugin = {
  name: 'pod-eviction',
  operations: ['CREATE'],
  resources: ['pods'],
  subresources: ['eviction'],
  validate: ({ subresource }) => {
    if (subresource === 'eviction')
      throw tooManyRequests('Eviction triggered evacuation of VMI "default/vm"', 0);
  },
};

function withPod(admission: AdmissionPlugin[] = []): TestServer {
  const server = new TestServer({ admission, subresources: [...podSubresources] });
  server.ok('create', 'pods', { body: { metadata: { name: 'p' }, spec: {} } });
  return server;
}

describe('pods/eviction', () => {
  const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p' } };

  it('deletes the pod and answers 201 Success', () => {
    const server = withPod();
    expect(server.request('create', 'pods/eviction', { name: 'p', body })).toMatchObject({
      type: 'status',
      code: 201,
      status: { status: 'Success', code: 201 },
    });
    expect(server.store.count('pods')).toBe(0);
  });

  it('is what admission may refuse', () => {
    const server = withPod([refusing]);
    expect(server.refused('create', 'pods/eviction', { name: 'p', body })).toMatchObject({
      code: 429,
      reason: 'TooManyRequests',
      message: 'Eviction triggered evacuation of VMI "default/vm"',
    });
    expect(server.store.count('pods')).toBe(1);
  });
});

describe('pods/binding', () => {
  const body = { target: { kind: 'Node', name: 'node01' } };

  it('assigns a node once', () => {
    const server = withPod();
    expect(server.request('create', 'pods/binding', { name: 'p', body }).code).toBe(201);
    expect(server.ok('get', 'pods', { name: 'p' }).spec.nodeName).toBe('node01');
    expect(server.refused('create', 'pods/binding', { name: 'p', body })).toMatchObject({
      code: 409,
      message:
        'Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "node01"',
    });
  });
});

describe('subresources nobody serves', () => {
  it('are 404', () => {
    expect(withPod().refused('create', 'pods/nothing', { name: 'p', body: {} }).code).toBe(404);
  });

  it('are 405 for other verbs', () => {
    expect(withPod().refused('update', 'pods/eviction', { name: 'p', body: {} }).code).toBe(405);
  });
});
