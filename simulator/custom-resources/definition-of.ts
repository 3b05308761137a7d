/** A CustomResourceDefinition as one of the resources that the simulator serves. */
import { compareVersions } from '../apiserver/index.ts';
import {
  ALL_VERBS,
  type Column,
  type ResourceDefinition,
  type ScalePaths,
  type VersionDefinition,
} from '../resources/definition.ts';
import { findFirst, parseJsonPath } from '../resources/json-path.ts';
import { crdSchema } from '../schemas/index.ts';
import type { KubeObject } from '../types/meta.ts';
import { scaleErrors } from './scale-rules.ts';
import type { CustomResourceDefinition, DefinitionVersion, PrinterColumn } from './types.ts';

// Derived from frozen objects and nothing else.
const served = new WeakMap<CustomResourceDefinition, ResourceDefinition>();

/**
 * What an established definition serves. The same reference for the same stored object. Subresources and selectable
 * fields are those of the storage version, as few definitions tell them apart.
 */
export function definitionOf(crd: CustomResourceDefinition): ResourceDefinition {
  let definition = served.get(crd);
  if (!definition) {
    definition = make(crd);
    served.set(crd, definition);
  }
  return definition;
}

function make({ spec, status }: CustomResourceDefinition): ResourceDefinition {
  const names = status?.acceptedNames ?? spec.names;
  const storage = spec.versions.find(version => version.storage) ?? (spec.versions[0] as DefinitionVersion);
  const scale = storage.subresources?.scale as ScalePaths | undefined;
  const selectableFields = selectableFieldsOf(storage);
  return Object.freeze({
    group: spec.group,
    plural: names.plural,
    singular: names.singular ?? names.kind.toLowerCase(),
    kind: names.kind,
    listKind: names.listKind ?? `${names.kind}List`,
    namespaced: spec.scope === 'Namespaced',
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    versions: [...spec.versions]
      .sort((a, b) => compareVersions(a.name, b.name))
      .map(version => versionOf(version, spec.group, names.kind)),
    custom: true,
    verbs: ALL_VERBS,
    hasStatus: storage.subresources?.status !== undefined,
    ...(scale ? { scale } : {}),
    generation: 'content',
    nameRule: 'subdomain',
    unconditionalUpdate: false,
    createOnUpdate: false,
    deleteReturnsObject: false,
    ...(selectableFields ? { selectableFields } : {}),
    ...(scale
      ? {
          validate: (object: KubeObject) => scaleErrors(object, scale),
          validateUpdate: (object: KubeObject) => scaleErrors(object, scale),
        }
      : {}),
  } satisfies ResourceDefinition);
}

function versionOf(version: DefinitionVersion, group: string, kind: string): VersionDefinition {
  const { name, served, storage, deprecated, deprecationWarning, additionalPrinterColumns } = version;
  const schema = version.schema?.openAPIV3Schema;
  return {
    name,
    served,
    storage,
    ...(deprecated
      ? { deprecated, deprecationWarning: deprecationWarning ?? `${group}/${name} ${kind} is deprecated` }
      : {}),
    ...(additionalPrinterColumns?.length ? { columns: additionalPrinterColumns.map(columnOf) } : {}),
    ...(schema ? { schema: crdSchema(schema) } : {}),
  };
}

function columnOf({ name = '', type, format, description, priority, jsonPath }: PrinterColumn): Column {
  return {
    name,
    type: type as Column['type'],
    ...(format ? { format } : {}),
    ...(description ? { description } : {}),
    ...(priority ? { priority } : {}),
    jsonPath: jsonPath ?? '',
  };
}

function selectableFieldsOf({ selectableFields }: DefinitionVersion): ResourceDefinition['selectableFields'] {
  if (!selectableFields?.length) return undefined;
  return Object.fromEntries(
    selectableFields.map(({ jsonPath }) => {
      const path = parseJsonPath(jsonPath);
      const read = (object: KubeObject) => {
        const value = findFirst(path, object);
        return value === undefined || value === null ? '' : String(value);
      };
      return [jsonPath.replace(/^\./, ''), read];
    }),
  );
}
