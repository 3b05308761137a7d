/** CustomResourceDefinition (apiextensions.k8s.io/v1) as far as it is read here. */
import type { ResourceRef, ScalePaths } from '../resources/definition.ts';
import type { Schema } from '../schemas/index.ts';
import type { Condition, JsonValue, KubeObject } from '../types/meta.ts';

export interface DefinitionNames {
  plural: string;
  singular?: string;
  kind: string;
  listKind?: string;
  shortNames?: readonly string[];
  categories?: readonly string[];
}

export interface PrinterColumn {
  name?: string;
  type?: string;
  format?: string;
  description?: string;
  priority?: number;
  jsonPath?: string;
}

export interface Subresources {
  status?: object;
  scale?: Partial<ScalePaths>;
}

/** What JSONSchemaProps has beyond the schemas that can be served. */
export interface DeclaredSchema extends Schema {
  id?: string;
  title?: string;
  externalDocs?: JsonValue;
  example?: JsonValue;
  additionalItems?: JsonValue;
  definitions?: Readonly<Record<string, DeclaredSchema>>;
  dependencies?: JsonValue;
  patternProperties?: Readonly<Record<string, DeclaredSchema>>;
}

export interface DefinitionVersion {
  name: string;
  served: boolean;
  storage: boolean;
  deprecated?: boolean;
  deprecationWarning?: string;
  schema?: { openAPIV3Schema?: DeclaredSchema };
  subresources?: Subresources;
  additionalPrinterColumns?: readonly PrinterColumn[];
  selectableFields?: readonly { jsonPath: string }[];
}

export interface Conversion {
  strategy: string;
  webhook?: {
    conversionReviewVersions?: readonly string[];
    clientConfig?: {
      url?: string;
      service?: { namespace?: string; name?: string; path?: string; port?: number };
    };
  };
}

export interface CustomResourceDefinition extends KubeObject {
  spec: {
    group: string;
    names: DefinitionNames;
    scope: 'Namespaced' | 'Cluster';
    versions: readonly DefinitionVersion[];
    conversion?: Conversion;
    preserveUnknownFields?: boolean;
  };
  status?: {
    acceptedNames?: DefinitionNames;
    conditions?: readonly Condition[] | null;
    storedVersions?: readonly string[];
  };
}

export const definitions: ResourceRef<CustomResourceDefinition> = {
  resource: 'customresourcedefinitions.apiextensions.k8s.io',
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  namespaced: false,
};

/** Holds a definition back until all its objects are gone. */
export const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';
