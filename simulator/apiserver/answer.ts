import { apiVersionOf } from '../resources/definition.ts';
import type { KubeObject } from '../types/meta.ts';
import { toVersion } from './identity.ts';
import type { ApiRequest, ApiResponse } from './request.ts';

/** An object in the request's version. */
export function answer(
  { group, version }: ApiRequest,
  code: number,
  { object, warnings }: { object: KubeObject; warnings: readonly string[] },
): ApiResponse {
  return { type: 'object', code, object: toVersion(object, apiVersionOf(group, version)), warnings };
}
