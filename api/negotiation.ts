/** Which form of an answer a client wants (apiserver v0.35 pkg/endpoints/handlers/negotiation). */
import { badRequest } from '../simulator/apiserver/index.ts';
import { notAcceptable } from './failures.ts';

/** `object` is the plain form; the others are what `as=` names. */
export type Shape = 'object' | 'table' | 'metadata' | 'metadata-list';

export interface Wanted {
  readonly format: 'json' | 'yaml';
  readonly shape: Shape;
  /** Of meta.k8s.io, for all shapes but `object`. */
  readonly version: 'v1' | 'v1beta1';
}

export const ACCEPTED_TYPES: readonly string[] = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
];

const PLAIN_JSON: Wanted = { format: 'json', shape: 'object', version: 'v1' };

/** One clause of an Accept header: type and parameters, lower case but for the values. */
export interface Clause {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** The clauses of an Accept header, best first. */
export function parseAccept(header: string): Clause[] {
  const clauses: { clause: Clause; quality: number }[] = [];
  for (const text of header.split(',')) {
    const [type = '', ...rest] = text.split(';');
    if (type.trim() === '') continue;
    const parameters = new Map<string, string>();
    for (const parameter of rest) {
      const equals = parameter.indexOf('=');
      if (equals > 0) {
        parameters.set(parameter.slice(0, equals).trim().toLowerCase(), parameter.slice(equals + 1).trim());
      }
    }
    const quality = Number(parameters.get('q') ?? '1');
    clauses.push({ clause: { type: type.trim().toLowerCase(), parameters }, quality });
  }
  clauses.sort((a, b) => b.quality - a.quality);
  return clauses.filter(({ quality }) => quality > 0).map(({ clause }) => clause);
}

const SHAPES: Readonly<Record<string, Shape>> = {
  Table: 'table',
  PartialObjectMetadata: 'metadata',
  PartialObjectMetadataList: 'metadata-list',
};

/**
 * The form to answer in. Protobuf is never written: clients that name it get JSON, which they read by its
 * Content-Type.
 * @throws ApiError 406 when nothing that the client accepts can be given.
 */
export function negotiate(accept: string | undefined, allowed: readonly Shape[]): Wanted {
  if (accept === undefined || accept === '' || accept === 'application/json') return PLAIN_JSON;
  for (const { type, parameters } of parseAccept(accept)) {
    const format = formatOf(type);
    if (!format) continue;
    const as = parameters.get('as');
    if (as === undefined) return { format, shape: 'object', version: 'v1' };
    const shape = SHAPES[as];
    const version = parameters.get('v') ?? 'v1';
    const group = parameters.get('g') ?? 'meta.k8s.io';
    if (shape === undefined || group !== 'meta.k8s.io' || !allowed.includes(shape)) continue;
    if (version === 'v1' || version === 'v1beta1') return { format, shape, version };
  }
  throw notAcceptable(ACCEPTED_TYPES);
}

function formatOf(type: string): 'json' | 'yaml' | undefined {
  if (type === 'application/yaml' || type === 'application/x-yaml') return 'yaml';
  if (type === 'application/json' || type === '*/*' || type === 'application/*') return 'json';
  return type === 'application/vnd.kubernetes.protobuf' ? 'json' : undefined;
}

export type IncludeObject = 'None' | 'Metadata' | 'Object';

/** What rows of a table carry besides their cells. */
export function includeObject(query: URLSearchParams): IncludeObject {
  const value = query.get('includeObject');
  if (value === null || value === '') return 'Metadata';
  if (value === 'None' || value === 'Metadata' || value === 'Object') return value;
  throw badRequest(`unrecognized includeObject value: ${JSON.stringify(value)}`);
}
