import { describe, expect, it } from 'vitest';
import { decodeErrors, partialObject, schemaFor } from '../../simulator/schemas/index.ts';
import { deployment } from './samples.ts';

const schema = schemaFor('apps', 'v1', 'Deployment')!;
const inPod = (spec: object): object => ({ spec: { template: { spec } } });

describe('decodeErrors', () => {
  it('accepts a deployment', () => {
    expect(decodeErrors(schema, 'Deployment', deployment)).toEqual([]);
  });

  it.each<[object, string]>([
    [
      { spec: { replicas: 'two' } },
      'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      { spec: { replicas: 1.5 } },
      'json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      { spec: 'none' },
      'json: cannot unmarshal string into Go struct field Deployment.spec of type v1.DeploymentSpec',
    ],
    [
      { metadata: { labels: { a: 1 } } },
      'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string',
    ],
    [
      { metadata: { labels: 'a=b' } },
      'json: cannot unmarshal string into Go struct field ObjectMeta.metadata.labels of type map[string]string',
    ],
    [
      inPod({ containers: { name: 'a' } }),
      'json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container',
    ],
    [
      inPod({ containers: [{ env: [{ value: 1 }] }] }),
      'json: cannot unmarshal number into Go struct field EnvVar.spec.template.spec.containers.env.value of type string',
    ],
    [
      inPod({ hostNetwork: 'yes' }),
      'json: cannot unmarshal string into Go struct field PodSpec.spec.template.spec.hostNetwork of type bool',
    ],
    [
      inPod({ containers: [{ resources: { limits: { cpu: 'lots' } } }] }),
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
    [
      { metadata: { creationTimestamp: 'soon' } },
      'parsing time "soon" as "2006-01-02T15:04:05Z07:00": cannot parse "soon" as "2006"',
    ],
  ])('%j', (body, text) => {
    expect(decodeErrors(schema, 'Deployment', body)).toEqual([text]);
  });

  it('takes null for anything', () => {
    expect(decodeErrors(schema, 'Deployment', { metadata: { creationTimestamp: null }, spec: null })).toEqual(
      [],
    );
  });

  it('judges only the metadata of a custom resource', () => {
    const body = { metadata: { finalizers: 'x' }, spec: { anything: [] } };
    expect(decodeErrors(partialObject, 'VirtualMachine', body)).toEqual([
      'json: cannot unmarshal string into Go struct field ObjectMeta.metadata.finalizers of type []string',
    ]);
  });
});
