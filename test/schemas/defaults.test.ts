import { describe, expect, it } from 'vitest';
import { applyDefaults, crdSchema, schemaFor } from '../../simulator/schemas/index.ts';

describe('applyDefaults', () => {
  // The example of the Kubernetes documentation on defaulting and nullable.
  const schema = crdSchema({
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        properties: {
          foo: { type: 'string', nullable: false, default: 'default' },
          bar: { type: 'string', nullable: true },
          baz: { type: 'string' },
        },
      },
    },
  });

  it('replaces, keeps and drops nulls', () => {
    expect(applyDefaults(schema, { spec: { foo: null, bar: null, baz: null } })).toEqual({
      spec: { foo: 'default', bar: null },
    });
  });

  it('fills only below parents that exist', () => {
    const nothing = { metadata: { name: 'a' } };
    expect(applyDefaults(schema, nothing)).toBe(nothing);
    expect(applyDefaults(schema, { spec: {} })).toEqual({ spec: { foo: 'default' } });
  });

  it.each([
    ['kubevirt.io', 'v1', 'VirtualMachine', { status: {} }, { status: { printableStatus: 'Stopped' } }],
    [
      'snapshot.kubevirt.io',
      'v1beta1',
      'VirtualMachineRestore',
      { spec: {} },
      { spec: { targetReadinessPolicy: 'WaitGracePeriod' } },
    ],
    [
      'kubevirt.io',
      'v1',
      'VirtualMachineInstance',
      { spec: { volumes: [{ name: 'a', configMap: {} }] } },
      { spec: { volumes: [{ name: 'a', configMap: { name: '' } }] } },
    ],
  ])('%s %s %s', (group, version, kind, before, after) => {
    expect(applyDefaults(schemaFor(group, version, kind)!, before)).toEqual(after);
  });
});
