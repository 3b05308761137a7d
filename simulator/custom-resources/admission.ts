/** What the API server says of custom resources besides their schema: refusals while a definition goes, and warnings. */
import {
  type AdmissionAttributes,
  type AdmissionPlugin,
  checkQualifiedName,
  forbidden,
  quote,
} from '../apiserver/index.ts';
import { hasCondition } from '../types/conditions.ts';
import type { KubeObject } from '../types/meta.ts';
import { type CustomResourceDefinition, type DeclaredSchema, definitions } from './types.ts';

/** Nothing new of a kind that is going away. */
const terminating: AdmissionPlugin = {
  name: 'CustomResourceTerminating',
  operations: ['CREATE'],
  mutate(attributes) {
    const { definition, resource, view } = attributes;
    if (definition.custom) {
      const crd = view.get(definitions, undefined, resource);
      if (crd && hasCondition(crd.status?.conditions ?? undefined, 'Terminating', 'True')) {
        throw forbidden(
          definition,
          attributes.name,
          'create not allowed while custom resource definition is terminating',
        );
      }
    }
    return attributes.object as KubeObject;
  },
};

const STANDARD_FINALIZERS = new Set(['orphan', 'foregroundDeletion', 'kubernetes']);

const finalizerWarnings: AdmissionPlugin = {
  name: 'CustomResourceWarnings',
  operations: ['CREATE', 'UPDATE'],
  validate({ definition, object, oldObject, warn }) {
    if (!definition.custom) return;
    const before = oldObject?.metadata.finalizers ?? [];
    for (const finalizer of [...(object?.metadata.finalizers ?? [])].sort()) {
      if (!before.includes(finalizer)) warnOfFinalizer(finalizer, warn);
    }
  },
};

function warnOfFinalizer(finalizer: string, warn: (text: string) => void): void {
  const prefix = `metadata.finalizers: ${quote(finalizer)}: `;
  for (const problem of checkQualifiedName(finalizer)) warn(prefix + problem);
  if (finalizer.includes('/') || STANDARD_FINALIZERS.has(finalizer)) return;
  const how = finalizer.includes('.') ? ' including a path (/)' : '';
  warn(
    `${prefix}prefer a domain-qualified finalizer name${how} to avoid accidental conflicts with other finalizer writers`,
  );
}

const formatWarnings: AdmissionPlugin = {
  name: 'CustomResourceDefinitionFormats',
  resources: [definitions.resource],
  operations: ['CREATE', 'UPDATE'],
  validate({ object, oldObject, warn }: AdmissionAttributes) {
    if (object === oldObject) return;
    const known = new Set(unknownFormats(oldObject));
    for (const format of unknownFormats(object)) {
      if (!known.has(format)) warn(`unrecognized format ${quote(format)}`);
    }
  },
};

const FORMATS = new Set(
  'bsonobjectid uri email hostname ipv4 ipv6 cidr mac uuid uuid3 uuid4 uuid5 isbn isbn10 isbn13 creditcard ssn hexcolor rgbcolor byte password date duration datetime k8sshortname k8slongname'.split(
    ' ',
  ),
);

/** Dashes in the names of formats mean nothing. */
function isKnownFormat(format: string): boolean {
  return FORMATS.has(format.replaceAll('-', ''));
}

function unknownFormats(object: KubeObject | undefined): string[] {
  const formats: string[] = [];
  const walk = (schema: DeclaredSchema | undefined): void => {
    if (!schema) return;
    if (schema.type === 'string' && schema.format && !isKnownFormat(schema.format))
      formats.push(schema.format);
    walk(schema.items);
    walk(schema.not);
    for (const junctor of ['allOf', 'anyOf', 'oneOf'] as const) schema[junctor]?.forEach(walk);
    for (const child of Object.values(schema.properties ?? {})) walk(child);
    if (typeof schema.additionalProperties === 'object') walk(schema.additionalProperties);
  };
  const seen = new Set<unknown>();
  for (const { schema } of (object as CustomResourceDefinition | undefined)?.spec.versions ?? []) {
    if (seen.has(schema)) continue;
    seen.add(schema);
    walk(schema?.openAPIV3Schema);
  }
  return formats;
}

export const customResourceAdmission: readonly AdmissionPlugin[] = [
  terminating,
  finalizerWarnings,
  formatWarnings,
];
