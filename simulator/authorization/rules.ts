/** Whether one rule allows one wish (kubernetes pkg/apis/rbac/v1/evaluation_helpers.go, v1.35). */
import type { Attributes, PolicyRule, ResourceAttributes } from './types.ts';

const ALL = '*';

export function ruleAllows(rule: PolicyRule, attributes: Attributes): boolean {
  const { verbs } = rule;
  if (!verbs.includes(ALL) && !verbs.includes(attributes.verb)) return false;
  return attributes.path === undefined
    ? allowsResource(rule, attributes)
    : allowsPath(rule.nonResourceURLs, attributes.path);
}

function allowsResource(rule: PolicyRule, attributes: ResourceAttributes): boolean {
  const { apiGroups, resources, resourceNames } = rule;
  if (!apiGroups || !resources) return false;
  if (!apiGroups.includes(ALL) && !apiGroups.includes(attributes.apiGroup)) return false;
  if (!namesResource(resources, attributes.resource, attributes.subresource)) return false;
  return (
    resourceNames === undefined || resourceNames.length === 0 || resourceNames.includes(attributes.name ?? '')
  );
}

/** `*` is everything, `pods/log` one subresource of one resource, and a `*`, a slash and `scale` one of all. */
function namesResource(resources: readonly string[], resource: string, subresource = ''): boolean {
  for (const named of resources) {
    if (named === ALL) return true;
    if (subresource === '') {
      if (named === resource) return true;
    } else if (
      named.length > subresource.length &&
      named.endsWith(subresource) &&
      (named === `${resource}/${subresource}` || named === `*/${subresource}`)
    ) {
      return true;
    }
  }
  return false;
}

function allowsPath(urls: readonly string[] | undefined, path: string): boolean {
  return urls?.some(url => url === ALL || coversPath(url, path)) ?? false;
}

/** The same path, or one that begins as a pattern does before its stars. */
export function coversPath(pattern: string, path: string): boolean {
  if (pattern === path) return true;
  if (!pattern.endsWith(ALL)) return false;
  let end = pattern.length;
  while (end > 0 && pattern[end - 1] === ALL) end -= 1;
  return path.startsWith(pattern.slice(0, end));
}
