/**
 * What error messages show of a definition: kube-apiserver validates its internal form, in which what is the same in all
 * versions stands once above them (apiextensions pkg/apis/apiextensions/v1/conversion.go) and fields have Go's names.
 */
import { same } from '../store/index.ts';
import type { JsonObject, JsonValue, StatusCause } from '../types/meta.ts';
import type { CustomResourceDefinition, DefinitionVersion } from './types.ts';

/** Parts of versions that move up when all versions agree on them. */
export interface Hoisted {
  readonly schema: boolean;
  readonly subresources: boolean;
  readonly additionalPrinterColumns: boolean;
  readonly selectableFields: boolean;
}

export function hoistedOf({ versions }: CustomResourceDefinition['spec']): Hoisted {
  const agree = (field: keyof DefinitionVersion) =>
    versions.every(version => same(version[field], versions[0]?.[field]));
  return {
    schema: agree('schema'),
    subresources: agree('subresources'),
    additionalPrinterColumns: agree('additionalPrinterColumns'),
    selectableFields: agree('selectableFields'),
  };
}

/** `spec.versions` as Go prints it in an error. */
export function printedVersions({ versions }: CustomResourceDefinition['spec'], hoisted: Hoisted): JsonValue {
  return versions.map((version): JsonObject => {
    const own = <K extends keyof Hoisted & keyof DefinitionVersion>(field: K) =>
      hoisted[field] ? null : ((version[field] as unknown as JsonValue | undefined) ?? null);
    const schema = own('schema') as { openAPIV3Schema?: JsonValue } | null;
    return {
      Name: version.name,
      Served: version.served,
      Storage: version.storage,
      Deprecated: version.deprecated ?? false,
      DeprecationWarning: version.deprecationWarning ?? null,
      Schema: schema === null ? null : { OpenAPIV3Schema: schema.openAPIV3Schema ?? null },
      Subresources: own('subresources'),
      AdditionalPrinterColumns: own('additionalPrinterColumns'),
      SelectableFields: own('selectableFields'),
    };
  });
}

/** A rule as Go prints it. */
export function printedRule(rule: {
  rule: string;
  message?: string;
  messageExpression?: string;
  reason?: string;
  fieldPath?: string;
  optionalOldSelf?: boolean;
}): JsonObject {
  return {
    Rule: rule.rule,
    Message: rule.message ?? '',
    MessageExpression: rule.messageExpression ?? '',
    Reason: rule.reason ?? null,
    FieldPath: rule.fieldPath ?? '',
    OptionalOldSelf: rule.optionalOldSelf ?? null,
  };
}

/** A refusal of a value of a Go struct, whose fields keep their order. */
export function invalidStruct(field: string, value: JsonValue, detail: string): StatusCause {
  const text = JSON.stringify(value).replace(/[<>&]/g, letter => `\\u00${letter.charCodeAt(0).toString(16)}`);
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${text}: ${detail}`, field };
}
