import { describe, expect, it } from 'vitest';
import {
  defaultMachineType,
  effectiveConfig,
  emulatedMachines,
  FEATURE_GATES,
  featureGateEnabled,
  isKubeVirtServiceAccount,
} from '../../simulator/kubevirt-config/index.ts';
import type { KubeVirt } from '../../simulator/types/kubevirt.ts';
import type { JsonObject } from '../../simulator/types/meta.ts';

function kubevirt(configuration: JsonObject): KubeVirt {
  const metadata = {
    name: 'kubevirt',
    namespace: 'kubevirt',
    uid: 'u',
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
  };
  return { apiVersion: 'kubevirt.io/v1', kind: 'KubeVirt', metadata, spec: { configuration } };
}

describe('the effective configuration (10.1)', () => {
  it('has KubeVirt’s defaults when nothing is set', () => {
    expect(effectiveConfig(undefined)).toMatchObject({
      cpuRequest: '100m',
      evictionStrategy: 'None',
      vmRolloutStrategy: 'LiveUpdate',
      liveUpdateConfiguration: { maxHotplugRatio: 4 },
      network: { defaultNetworkInterface: 'bridge', permitBridgeInterfaceOnPodNetwork: true },
      developerConfiguration: { memoryOvercommit: 100, cpuAllocationRatio: 10, useEmulation: false },
      migrations: {
        parallelMigrationsPerCluster: 5,
        parallelOutboundMigrationsPerNode: 2,
        completionTimeoutPerGiB: 150,
      },
    });
  });

  it('merges objects and replaces lists', () => {
    const config = effectiveConfig(
      kubevirt({
        migrations: { parallelMigrationsPerCluster: 9, allowPostCopy: true },
        architectureConfiguration: { amd64: { emulatedMachines: ['pc*'] } },
      }),
    );
    expect(config.migrations).toMatchObject({
      parallelMigrationsPerCluster: 9,
      parallelOutboundMigrationsPerNode: 2,
      allowWorkloadDisruption: true,
    });
    expect(emulatedMachines(config, 'amd64')).toEqual(['pc*']);
    expect(defaultMachineType(config, 'amd64')).toBe('q35');
    expect(emulatedMachines(config, 'arm64')).toEqual(['virt*']);
  });

  it('is computed once for each resource', () => {
    const resource = kubevirt({});
    expect(effectiveConfig(resource)).toBe(effectiveConfig(resource));
  });

  it('does without a configuration KubeVirt calls invalid', () => {
    expect(
      effectiveConfig(kubevirt({ cpuModel: 'x', developerConfiguration: { memoryOvercommit: -1 } })).cpuModel,
    ).toBeUndefined();
  });

  it('trusts the accounts of its own namespace', () => {
    const config = effectiveConfig(undefined);
    expect(isKubeVirtServiceAccount(config, 'system:serviceaccount:kubevirt:kubevirt-controller')).toBe(true);
    expect(isKubeVirtServiceAccount(config, 'system:serviceaccount:default:kubevirt-controller')).toBe(false);
    expect(isKubeVirtServiceAccount(config, 'system:serviceaccount:kubevirt:kubevirt-operator')).toBe(false);
  });
});

describe('feature gates (B10-01)', () => {
  const enabled = (gate: Parameters<typeof featureGateEnabled>[1], developerConfiguration: JsonObject = {}) =>
    featureGateEnabled(effectiveConfig(kubevirt({ developerConfiguration })), gate);

  it('General Availability cannot be switched off', () => {
    expect(enabled('LiveMigration')).toBe(true);
    expect(enabled('LiveMigration', { disabledFeatureGates: ['LiveMigration'] })).toBe(true);
  });

  it('Beta is on unless disabled, Alpha off unless listed; listing wins', () => {
    expect(enabled('Snapshot')).toBe(true);
    expect(enabled('Snapshot', { disabledFeatureGates: ['Snapshot'] })).toBe(false);
    expect(enabled('HostDisk')).toBe(false);
    expect(enabled('HostDisk', { featureGates: ['HostDisk'] })).toBe(true);
    expect(enabled('HostDisk', { featureGates: ['HostDisk'], disabledFeatureGates: ['HostDisk'] })).toBe(
      true,
    );
  });

  it('deprecated gates are off, and say so when listed', () => {
    expect(enabled('HotplugVolumes')).toBe(false);
    expect(FEATURE_GATES.get('HotplugVolumes')?.message).toMatch(/deprecated since v1\.9\.0/);
  });

  it('number as many as KubeVirt v1.9.0 registers', () => {
    const states = [...FEATURE_GATES.values()].map(({ state }) => state);
    const count = (wanted: string) => states.filter(state => state === wanted).length;
    expect([
      count('Beta'),
      count('Alpha'),
      count('General Availability'),
      count('Deprecated'),
      count('Discontinued'),
    ]).toEqual([16, 31, 29, 4, 4]);
  });
});
