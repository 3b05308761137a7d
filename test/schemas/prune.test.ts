import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  applyDefaults,
  crdSchema,
  prune,
  type Schema,
  schemaFor,
  validateObject,
} from '../../simulator/schemas/index.ts';
import { virtualMachine } from './samples.ts';

const vm = schemaFor('kubevirt.io', 'v1', 'VirtualMachine')!;
const pod = schemaFor('', 'v1', 'Pod')!;

describe('prune', () => {
  it('drops unknown fields and names them as strict decoding does', () => {
    const { value, unknown } = prune(vm, {
      apiVersion: 'kubevirt.io/v1',
      kind: 'VirtualMachine',
      metadata: { name: 'a', extra: 1 },
      spec: {
        foo: 1,
        template: { spec: { domain: { devices: { disks: [{ name: 'a' }, { name: 'b', disc: {} }] } } } },
      },
    });
    expect(unknown).toEqual([
      'metadata.extra',
      'spec.foo',
      'spec.template.spec.domain.devices.disks[1].disc',
    ]);
    expect(value).toEqual({
      apiVersion: 'kubevirt.io/v1',
      kind: 'VirtualMachine',
      metadata: { name: 'a' },
      spec: { template: { spec: { domain: { devices: { disks: [{ name: 'a' }, { name: 'b' }] } } } } },
    });
  });

  it('leaves the input alone and shares what does not change', () => {
    const input = Object.freeze({
      metadata: Object.freeze({ labels: {} }),
      spec: Object.freeze({ containers: [], x: 1 }),
    });
    const { value } = prune(pod, input);
    expect(value.metadata).toBe(input.metadata);
    expect(input.spec.x).toBe(1);
  });

  it('keeps the metadata of templates, as the definitions of KubeVirt do', () => {
    const template = {
      metadata: { labels: { a: 'b' }, anything: { goes: 1 } },
      spec: { domain: { devices: {} } },
    };
    expect(prune(vm, { spec: { template } }).unknown).toEqual([]);
  });

  it('drops everything from a struct without fields', () => {
    const devices = { rng: { source: '/dev/random' } };
    const { unknown } = prune(vm, { spec: { template: { spec: { domain: { devices } } } } });
    expect(unknown).toEqual(['spec.template.spec.domain.devices.rng.source']);
  });

  const custom: Schema = crdSchema({
    type: 'object',
    properties: {
      free: {
        type: 'object',
        'x-kubernetes-preserve-unknown-fields': true,
        properties: { strict: { type: 'object', properties: { a: { type: 'string' } } } },
      },
      map: {
        type: 'object',
        additionalProperties: { type: 'object', properties: { a: { type: 'string' } } },
      },
      resource: {
        type: 'object',
        'x-kubernetes-embedded-resource': true,
        properties: { spec: { type: 'object' } },
      },
    },
  });

  it('honours preserved, mapped and embedded objects of user definitions', () => {
    const { unknown } = prune(custom, {
      apiVersion: 'a/v1',
      kind: 'A',
      metadata: { name: 'a', nope: 1 },
      free: { any: { thing: 1 }, strict: { a: 'x', b: 1 } },
      map: { key: { a: 'x', b: 1 } },
      resource: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x', nope: 1 }, status: {} },
    });
    expect(unknown).toEqual([
      'metadata.nope',
      'free.strict.b',
      'map.key.b',
      'resource.metadata.nope',
      'resource.status',
    ]);
  });
});

describe('properties', () => {
  // Random damage to a real object: unknown fields, nulls and wrong types anywhere.
  const damaged = fc
    .array(fc.tuple(fc.nat(400), fc.constantFrom('add', 'null', 'type')), { maxLength: 8 })
    .map(damages => {
      const copy = structuredClone(virtualMachine) as unknown;
      for (const [index, how] of damages) damage(copy, index, how);
      return copy;
    });

  it('pruning twice is pruning once, and identity is kept when nothing is dropped', () => {
    fc.assert(
      fc.property(damaged, value => {
        const first = prune(vm, value);
        const second = prune(vm, first.value);
        expect(second.value).toBe(first.value);
        expect(second.unknown).toEqual([]);
        expect(first.value === value).toBe(first.unknown.length === 0);
      }),
    );
  });

  it('defaulting twice is defaulting once, and makes nothing unknown', () => {
    fc.assert(
      fc.property(damaged, value => {
        const first = applyDefaults(vm, prune(vm, value).value);
        expect(applyDefaults(vm, first)).toBe(first);
        expect(prune(vm, first).unknown).toEqual([]);
      }),
    );
  });

  it('validation never throws and always names a field', () => {
    fc.assert(
      fc.property(damaged, value => {
        for (const error of validateObject(vm, value)) expect(error.field).not.toBe('');
      }),
    );
  });
});

function damage(root: unknown, index: number, how: string): void {
  const objects: Record<string, unknown>[] = [];
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if (!Array.isArray(value)) objects.push(value as Record<string, unknown>);
    for (const child of Object.values(value)) collect(child);
  };
  collect(root);
  const target = objects[index % objects.length]!;
  const keys = Object.keys(target);
  if (how === 'add' || keys.length === 0) target[`unknown${index}`] = { deep: index };
  else target[keys[index % keys.length]!] = how === 'null' ? null : index;
}
