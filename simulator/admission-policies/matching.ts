/** Which requests a policy looks at (apiserver v1.35 pkg/admission/plugin/policy/matching, webhook/predicates). */
import type { AdmissionAttributes } from '../apiserver/index.ts';
import { isEmptySelector, matchesLabelSelector } from '../types/selectors.ts';
import type { MatchResources, ResourceRule } from './types.ts';

const NAMESPACES = 'namespaces';

/** Whether a request is within a policy's constraints or a binding's. Nothing given means everything. */
export function matchesRequest(match: MatchResources | undefined, request: AdmissionAttributes): boolean {
  if (!match) return true;
  const exact = match.matchPolicy === 'Exact';
  const within = (rule: ResourceRule) => matchesRule(rule, request, exact);
  if (match.excludeResourceRules?.some(within)) return false;
  if (match.resourceRules && match.resourceRules.length > 0 && !match.resourceRules.some(within))
    return false;
  return matchesNamespace(match, request) && matchesObject(match, request);
}

function includes(list: readonly string[] | undefined, value: string): boolean {
  return list === undefined || list.includes('*') || list.includes(value);
}

function matchesRule(rule: ResourceRule, request: AdmissionAttributes, exact: boolean): boolean {
  const { definition, operation, subresource, version } = request;
  if (!includes(rule.apiGroups, definition.group) || !includes(rule.operations, operation)) return false;
  // A kind is the same kind in another version.
  const versions = exact ? [version] : definition.versions.map(({ name }) => name);
  if (!versions.some(name => includes(rule.apiVersions, name))) return false;
  if (rule.scope === 'Cluster' && request.namespace !== undefined) return false;
  if (rule.scope === 'Namespaced' && request.namespace === undefined) return false;
  if (rule.resourceNames?.length && !rule.resourceNames.includes(request.name)) return false;
  return rule.resources?.some(wanted => matchesResource(wanted, definition.plural, subresource)) ?? false;
}

/** `pods`, `pods/status`, `pods/*` (with all its parts); a star alone for all resources. */
function matchesResource(wanted: string, plural: string, subresource: string | undefined): boolean {
  const [resource = '', part] = wanted.split('/');
  if (resource !== '*' && resource !== plural) return false;
  return part === '*' || (part ?? '') === (subresource ?? '');
}

function matchesNamespace({ namespaceSelector }: MatchResources, request: AdmissionAttributes): boolean {
  if (!namespaceSelector || isEmptySelector(namespaceSelector)) return true;
  const isNamespace = request.resource === NAMESPACES;
  if (request.namespace === undefined && !isNamespace) return true;
  const object = isNamespace
    ? (request.object ?? request.oldObject)
    : request.view.find(NAMESPACES, undefined, request.namespace ?? '');
  return matchesLabelSelector(namespaceSelector, object?.metadata.labels);
}

/** The object as it will be or as it was. */
function matchesObject(
  { objectSelector }: MatchResources,
  { object, oldObject }: AdmissionAttributes,
): boolean {
  if (!objectSelector || isEmptySelector(objectSelector)) return true;
  return [object, oldObject].some(each => each && matchesLabelSelector(objectSelector, each.metadata.labels));
}
