import type { ResourceDefinition } from '../resources/definition.ts';
import type { ApiServerContext, Origin } from './context.ts';
import type { ApiRequest } from './request.ts';

/** A client's request on its way through a verb. */
export interface VerbContext {
  readonly context: ApiServerContext;
  readonly definition: ResourceDefinition;
  readonly request: ApiRequest;
  readonly origin: Origin;
  /** Adds a Warning header to the answer. */
  readonly warn: (text: string) => void;
}
