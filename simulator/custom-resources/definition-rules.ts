/**
 * What a CustomResourceDefinition may say (apiextensions-apiserver v1.35 pkg/apis/apiextensions/validation). Paths and
 * order of errors are those of the server's internal form: what all versions share is named above them.
 */
import { checkLabel1035, checkSubdomain, fieldErrors } from '../apiserver/index.ts';
import { hasCondition } from '../types/conditions.ts';
import type { KubeObject, StatusCause } from '../types/meta.ts';
import { conversionErrors } from './conversion-rules.ts';
import { defaultErrors } from './defaults.ts';
import { type Hoisted, hoistedOf, invalidStruct, printedVersions } from './internal-form.ts';
import { schemaErrors } from './schema-rules.ts';
import { structuralErrors } from './structural.ts';
import type { CustomResourceDefinition, DefinitionNames, DefinitionVersion } from './types.ts';
import {
  columnErrors,
  deprecationErrors,
  selectableFieldErrors,
  subresourceErrors,
} from './version-rules.ts';

const { fieldForbidden, immutable, invalidValue, notSupported, required } = fieldErrors;

type Spec = CustomResourceDefinition['spec'];

const APPROVAL = 'api-approved.kubernetes.io';
const APPROVAL_PAGE = 'https://github.com/kubernetes/enhancements/pull/1111';
const ROOT_FIELDS = [
  'Description',
  'Type',
  'Format',
  'Title',
  'Maximum',
  'ExclusiveMaximum',
  'Minimum',
  'ExclusiveMinimum',
  'MaxLength',
  'MinLength',
  'Pattern',
  'MaxItems',
  'MinItems',
  'UniqueItems',
  'MultipleOf',
  'Required',
  'Items',
  'Properties',
  'ExternalDocs',
  'Example',
  'XPreserveUnknownFields',
  'XValidations',
];

/** All that is wrong with a new definition. */
export function validateDefinition(object: KubeObject): StatusCause[] {
  const definition = object as CustomResourceDefinition;
  const { spec } = definition;
  const causes: StatusCause[] = [];
  if (definition.metadata.name !== `${spec.names.plural}.${spec.group}`) {
    causes.push(
      invalidValue('metadata.name', definition.metadata.name, 'must be spec.names.plural+"."+spec.group'),
    );
  }
  causes.push(...specErrors(spec), ...storedVersionErrors(definition), ...approvalErrors(definition));
  if (spec.preserveUnknownFields) {
    causes.push(
      invalidValue(
        'spec.preserveUnknownFields',
        true,
        'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
      ),
    );
  }
  return causes;
}

/** All that is wrong with the change of a definition. */
export function validateDefinitionUpdate(object: KubeObject, previous: KubeObject): StatusCause[] {
  const definition = object as CustomResourceDefinition;
  const old = previous as CustomResourceDefinition;
  const causes = specErrors(definition.spec);
  const keep = (field: string, now: string, before: string) => {
    if (now !== before) causes.push(immutable(`spec.${field}`, now));
  };
  if (hasCondition(old.status?.conditions ?? undefined, 'Established', 'True')) {
    keep('scope', definition.spec.scope, old.spec.scope);
    keep('names.kind', definition.spec.names.kind, old.spec.names.kind);
  }
  keep('group', definition.spec.group, old.spec.group);
  keep('names.plural', definition.spec.names.plural, old.spec.names.plural);
  causes.push(...storedVersionErrors(definition));
  if (definition.metadata.annotations?.[APPROVAL] !== old.metadata.annotations?.[APPROVAL]) {
    causes.push(...approvalErrors(definition));
  }
  return causes;
}

function specErrors(spec: Spec): StatusCause[] {
  const causes: StatusCause[] = [];
  const hoisted = hoistedOf(spec);
  causes.push(...groupErrors(spec.group));
  if (!spec.scope) causes.push(required('spec.scope'));
  else if (!['Cluster', 'Namespaced'].includes(spec.scope)) {
    causes.push(notSupported('spec.scope', spec.scope, ['Cluster', 'Namespaced']));
  }
  for (const [at, { schema }] of spec.versions.entries()) {
    if (!schema?.openAPIV3Schema) causes.push(required(`spec.versions[${at}].schema.openAPIV3Schema`));
  }
  for (const [at, version] of spec.versions.entries()) {
    const problems = checkLabel1035(version.name);
    const path = `spec.versions[${at}]`;
    if (problems.length > 0) causes.push(invalidValue(`${path}.name`, version.name, problems.join(',')));
    causes.push(...versionErrors(version, path, hoisted));
  }
  const names = spec.versions.map(({ name }) => name);
  if (new Set(names).size < names.length) {
    causes.push(
      invalidStruct('spec.versions', printedVersions(spec, hoisted), 'must contain unique version names'),
    );
  }
  if (spec.versions.filter(({ storage }) => storage).length !== 1) {
    causes.push(
      invalidStruct(
        'spec.versions',
        printedVersions(spec, hoisted),
        'must have exactly one version marked as storage version',
      ),
    );
  }
  for (const field of ['plural', 'singular', 'kind', 'listKind'] as const) {
    if (!spec.names[field]) causes.push(required(`spec.names.${field}`));
  }
  causes.push(...nameErrors(spec.names, 'spec.names'), ...sharedErrors(spec, hoisted));
  causes.push(...conversionErrors(spec.conversion));
  return causes;
}

function groupErrors(group: string): StatusCause[] {
  if (!group) return [required('spec.group')];
  const problems = checkSubdomain(group);
  if (problems.length > 0) return [invalidValue('spec.group', group, problems.join(','))];
  if (!group.includes('.')) {
    return [invalidValue('spec.group', group, 'should be a domain with at least one dot')];
  }
  return [];
}

function versionErrors(version: DefinitionVersion, path: string, hoisted: Hoisted): StatusCause[] {
  const causes = deprecationErrors(version, path);
  if (!hoisted.schema) causes.push(...validationErrors(version, `${path}.schema`));
  if (!hoisted.subresources) causes.push(...subresourceErrors(version.subresources, `${path}.subresources`));
  if (!hoisted.additionalPrinterColumns) {
    causes.push(...columnErrors(version.additionalPrinterColumns, `${path}.additionalPrinterColumns`));
  }
  if (!hoisted.selectableFields) causes.push(...selectableFieldErrors(version, `${path}.selectableFields`));
  return causes;
}

/** What all versions have in common is checked once. */
function sharedErrors({ versions }: Spec, hoisted: Hoisted): StatusCause[] {
  const [version] = versions;
  if (!version) return [];
  const causes: StatusCause[] = [];
  if (hoisted.schema) {
    const withStatus = versions.find(({ subresources }) => subresources?.status) ?? version;
    causes.push(
      ...validationErrors({ ...version, subresources: withStatus.subresources }, 'spec.validation'),
    );
  }
  if (hoisted.subresources) causes.push(...subresourceErrors(version.subresources, 'spec.subresources'));
  if (hoisted.additionalPrinterColumns) {
    causes.push(...columnErrors(version.additionalPrinterColumns, 'spec.additionalPrinterColumns'));
  }
  if (hoisted.selectableFields) causes.push(...selectableFieldErrors(version, 'spec.selectableFields'));
  return causes;
}

function validationErrors(
  { schema: validation, subresources }: DefinitionVersion,
  path: string,
): StatusCause[] {
  const schema = validation?.openAPIV3Schema;
  if (!schema) return [];
  const causes: StatusCause[] = [];
  const at = `${path}.openAPIV3Schema`;
  if (subresources?.status) {
    if (schema.type !== 'object') {
      const why =
        'only "object" is allowed as the type at the root of the schema if the status subresource is enabled';
      causes.push(invalidValue(`${at}.type`, schema.type ?? '', why));
    }
    const fields = Object.keys(schema).filter(field => !ROOT_FIELDS.includes(goName(field)));
    if (fields.length > 0) {
      const why = `only [${ROOT_FIELDS.join(' ')}] fields are allowed at the root of the schema if the status subresource is enabled`;
      causes.push(invalidValue(at, schema, why));
    }
  }
  if (schema.nullable) causes.push(fieldForbidden(`${at}.nullable`, 'nullable cannot be true at the root'));
  const structural = structuralErrors(schema, at);
  if (structural.length === 0) structural.push(...defaultErrors(schema, at));
  causes.push(...structural, ...schemaErrors(schema, at, structural.length === 0));
  return causes;
}

/** `x-kubernetes-validations` → `XValidations`. */
function goName(field: string): string {
  const name = field
    .replace(/^x-kubernetes-/, 'x-')
    .replace(/-(\w)/g, (_match, letter: string) => letter.toUpperCase());
  return name.slice(0, 1).toUpperCase() + name.slice(1);
}

export function nameErrors(names: DefinitionNames, path: string): StatusCause[] {
  const causes: StatusCause[] = [];
  const label = (name: string | undefined, field: string, isKind = false) => {
    if (!name) return;
    const problems = checkLabel1035(isKind ? name.toLowerCase() : name);
    if (problems.length === 0) return;
    const prefix = isKind ? 'may have mixed case, but should otherwise match: ' : '';
    causes.push(invalidValue(`${path}.${field}`, name, prefix + problems.join(',')));
  };
  label(names.plural, 'plural');
  label(names.singular, 'singular');
  label(names.kind, 'kind', true);
  label(names.listKind, 'listKind', true);
  names.shortNames?.forEach((name, at) => {
    label(name, `shortNames[${at}]`);
  });
  if (names.kind && names.kind === names.listKind) {
    causes.push(invalidValue(`${path}.listKind`, names.listKind, 'kind and listKind may not be the same'));
  }
  names.categories?.forEach((category, at) => {
    label(category, `categories[${at}]`);
  });
  return causes;
}

/** A version that objects may still be stored in cannot be dropped. */
function storedVersionErrors({ spec, status }: CustomResourceDefinition): StatusCause[] {
  const stored = status?.storedVersions ?? [];
  const path = 'status.storedVersions';
  if (stored.length === 0) return [invalidValue(path, null, 'must have at least one stored version')];
  const causes: StatusCause[] = [];
  for (const { name, storage } of spec.versions) {
    if (storage && !stored.includes(name)) {
      causes.push(invalidValue(path, stored, `must have the storage version ${name}`));
    }
  }
  for (const [at, name] of stored.entries()) {
    if (spec.versions.some(version => version.name === name)) continue;
    causes.push(
      invalidValue(
        `${path}[${at}]`,
        name,
        `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`,
      ),
    );
  }
  return causes;
}

function approvalErrors({ metadata, spec }: CustomResourceDefinition): StatusCause[] {
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(spec.group)) return [];
  const approval = metadata.annotations?.[APPROVAL] ?? '';
  const path = `metadata.annotations[${APPROVAL}]`;
  if (approval === '') {
    return [
      required(path, `protected groups must have approval annotation "${APPROVAL}", see ${APPROVAL_PAGE}`),
    ];
  }
  if (approval.startsWith('unapproved') || /^[a-z][a-z0-9+.-]*:\/\/[^/]/i.test(approval)) return [];
  return [
    invalidValue(
      path,
      approval,
      `protected groups must have approval annotation "${APPROVAL}" with either a URL or a reason starting with "unapproved", see ${APPROVAL_PAGE}`,
    ),
  ];
}
