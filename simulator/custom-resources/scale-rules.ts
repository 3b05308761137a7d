/** What the scale subresource asks of objects (apiextensions-apiserver v1.35 registry/customresource/validator.go). */
import { fieldErrors } from '../apiserver/index.ts';
import type { ScalePaths } from '../resources/definition.ts';
import type { JsonObject, JsonValue, KubeObject, StatusCause } from '../types/meta.ts';

const MOST_REPLICAS = 2 ** 31 - 1;

export function scaleErrors(object: KubeObject, paths: ScalePaths): StatusCause[] {
  const causes: StatusCause[] = [];
  for (const path of [paths.specReplicasPath, paths.statusReplicasPath]) {
    const value = valueAt(object, path);
    if (typeof value !== 'number') continue;
    if (value < 0) causes.push(fieldErrors.invalidValue(path, value, 'should be a non-negative integer'));
    else if (value > MOST_REPLICAS) {
      causes.push(fieldErrors.invalidValue(path, value, `should be less than or equal to ${MOST_REPLICAS}`));
    }
  }
  return causes;
}

function valueAt(object: KubeObject, path: string): JsonValue | undefined {
  let value: JsonValue | undefined = object as unknown as JsonObject;
  for (const part of path.slice(1).split('.')) {
    value = typeof value === 'object' && value !== null && !Array.isArray(value) ? value[part] : undefined;
  }
  return value;
}
