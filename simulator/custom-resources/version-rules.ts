/** What a version may say besides its schema: deprecation, columns, subresources, selectable fields (v1.35 validation.go). */
import { fieldErrors } from '../apiserver/index.ts';
import type { StatusCause } from '../types/meta.ts';
import { schemaAt } from './field-paths.ts';
import type { DeclaredSchema, DefinitionVersion, PrinterColumn, Subresources } from './types.ts';

const { duplicate, invalidValue, required, tooMany } = fieldErrors;

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];
const MOST_SELECTABLE_FIELDS = 8;
const SCALARS: readonly (string | undefined)[] = ['string', 'boolean', 'integer'];
const LONGEST_WARNING = 256;

export function deprecationErrors(
  { deprecated, deprecationWarning }: DefinitionVersion,
  path: string,
): StatusCause[] {
  if (deprecationWarning === undefined) return [];
  const problems: string[] = [];
  if (!deprecated) problems.push('can only be set for deprecated versions');
  else {
    if (new TextEncoder().encode(deprecationWarning).length > LONGEST_WARNING) {
      problems.push(`must be <= ${LONGEST_WARNING} characters long`);
    }
    if (deprecationWarning === '') problems.push('must not be an empty string');
    const at = deprecationWarning.search(/[^\P{C}]|[^\P{Z} ]/u);
    if (at >= 0) {
      problems.push(
        `must only contain printable UTF-8 characters; non-printable character found at index ${at}`,
      );
    }
  }
  return problems.map(problem => invalidValue(`${path}.deprecationWarning`, deprecationWarning, problem));
}

export function columnErrors(columns: readonly PrinterColumn[] | undefined, path: string): StatusCause[] {
  return (columns ?? []).flatMap((column, index) => {
    const causes: StatusCause[] = [];
    const at = `${path}[${index}]`;
    const types = `must be one of ${COLUMN_TYPES.join(',')}`;
    if (!column.name) causes.push(required(`${at}.name`));
    if (!column.type) causes.push(required(`${at}.type`, types));
    else if (!COLUMN_TYPES.includes(column.type)) causes.push(invalidValue(`${at}.type`, column.type, types));
    if (column.format && !COLUMN_FORMATS.includes(column.format)) {
      causes.push(invalidValue(`${at}.format`, column.format, `must be one of ${COLUMN_FORMATS.join(',')}`));
    }
    if (!column.jsonPath) causes.push(required(`${at}.JSONPath`));
    else causes.push(...simplePathErrors(column.jsonPath, `${at}.JSONPath`));
    return causes;
  });
}

function simplePathErrors(jsonPath: string, path: string): StatusCause[] {
  if (jsonPath.startsWith('.')) return [];
  return [invalidValue(path, jsonPath, 'must be a simple json path starting with .')];
}

export function subresourceErrors(subresources: Subresources | undefined, path: string): StatusCause[] {
  const scale = subresources?.scale;
  if (!scale) return [];
  const causes: StatusCause[] = [];
  const check = (field: 'specReplicasPath' | 'statusReplicasPath', parent: string) => {
    const at = `${path}.scale.${field}`;
    const value = scale[field];
    if (!value) {
      causes.push(required(at));
      return;
    }
    const problems = simplePathErrors(value, at);
    if (problems.length === 0 && !value.startsWith(`${parent}.`)) {
      problems.push(invalidValue(at, value, `should be a json path under ${parent}`));
    }
    causes.push(...problems);
  };
  check('specReplicasPath', '.spec');
  check('statusReplicasPath', '.status');
  const selector = scale.labelSelectorPath;
  if (selector) {
    const at = `${path}.scale.labelSelectorPath`;
    const problems = simplePathErrors(selector, at);
    if (problems.length === 0 && !/^\.(spec|status)\./.test(selector)) {
      problems.push(invalidValue(at, selector, 'should be a json path under either .spec or .status'));
    }
    causes.push(...problems);
  }
  return causes;
}

export function selectableFieldErrors(
  { schema, selectableFields }: DefinitionVersion,
  path: string,
): StatusCause[] {
  const fields = selectableFields ?? [];
  if (fields.length === 0) return [];
  const root = schema?.openAPIV3Schema;
  if (!root)
    return [invalidValue(path, '', 'may only be set when `version.schema.openAPIV3Schema` is not included')];
  const causes: StatusCause[] = [];
  const seen = new Set<string>();
  for (const [index, { jsonPath }] of fields.entries()) {
    const at = `${path}[${index}].jsonPath`;
    if (!jsonPath) {
      causes.push(required(at));
      continue;
    }
    let found: DeclaredSchema;
    try {
      found = schemaAt(jsonPath, root, false);
    } catch (error) {
      causes.push(invalidValue(at, jsonPath, `is an invalid path: ${(error as Error).message}`));
      continue;
    }
    if (jsonPath.startsWith('.metadata')) {
      causes.push(invalidValue(at, jsonPath, 'must not point to fields in metadata'));
    }
    if (!SCALARS.includes(found.type)) {
      causes.push(
        invalidValue(
          at,
          jsonPath,
          'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
        ),
      );
    }
    if (seen.has(jsonPath)) causes.push(duplicate(at, jsonPath));
    seen.add(jsonPath);
  }
  if (seen.size > MOST_SELECTABLE_FIELDS) causes.push(tooMany(path, seen.size, MOST_SELECTABLE_FIELDS));
  return causes;
}
