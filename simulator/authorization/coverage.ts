/** Whether some rules grant all that others grant, and what is missing (component-helpers auth/rbac/validation, v1.35). */
import { quote } from '../apiserver/index.ts';
import { coversPath } from './rules.ts';
import type { PolicyRule } from './types.ts';

const ALL = '*';

/** What `wanted` grants beyond `held`, in rules of one group, resource, verb and name each. */
export function missingRules(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  return wanted.flatMap(brokenDown).filter(rule => !held.some(owner => covers(owner, rule)));
}

function brokenDown(rule: PolicyRule): PolicyRule[] {
  const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  const single: PolicyRule[] = [];
  for (const group of apiGroups) {
    for (const resource of resources) {
      for (const verb of verbs) {
        const one = { apiGroups: [group], resources: [resource], verbs: [verb] };
        if (resourceNames.length === 0) single.push(one);
        else for (const name of resourceNames) single.push({ ...one, resourceNames: [name] });
      }
    }
  }
  for (const url of nonResourceURLs) {
    for (const verb of verbs) single.push({ nonResourceURLs: [url], verbs: [verb] });
  }
  return single;
}

function covers(owner: PolicyRule, single: PolicyRule): boolean {
  return (
    holds(owner.verbs, single.verbs) &&
    holds(owner.apiGroups, single.apiGroups) &&
    (single.resources ?? []).every(resource => coversResource(owner.resources ?? [], resource)) &&
    (single.nonResourceURLs ?? []).every(url =>
      (owner.nonResourceURLs ?? []).some(pattern => coversPath(pattern, url)),
    ) &&
    coversNames(owner.resourceNames ?? [], single.resourceNames ?? [])
  );
}

function holds(set: readonly string[] = [], wanted: readonly string[] = []): boolean {
  return set.includes(ALL) || wanted.every(each => set.includes(each));
}

function coversResource(set: readonly string[], resource: string): boolean {
  if (set.includes(ALL) || set.includes(resource)) return true;
  const slash = resource.indexOf('/');
  return slash >= 0 && set.includes(`*${resource.slice(slash)}`);
}

function coversNames(held: readonly string[], wanted: readonly string[]): boolean {
  if (held.length === 0) return true;
  return wanted.length > 0 && wanted.every(name => held.includes(name));
}

/** One line a rule, verbs of the same resource joined, sorted: `{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}`. */
export function describeRules(rules: readonly PolicyRule[]): string[] {
  const simple = new Map<string, PolicyRule>();
  const others: PolicyRule[] = [];
  for (const rule of rules) {
    if (rule.nonResourceURLs || rule.resourceNames) {
      others.push(rule);
      continue;
    }
    const key = `${rule.apiGroups?.[0]} ${rule.resources?.[0]} ${rule.resourceNames?.[0] ?? ''}`;
    const known = simple.get(key);
    simple.set(key, known ? { ...known, verbs: [...known.verbs, ...rule.verbs] } : rule);
  }
  return [...new Set([...others, ...simple.values()].map(describe))].sort();
}

function describe(rule: PolicyRule): string {
  const parts: readonly (readonly [string, readonly string[] | undefined])[] = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['ResourceNames', rule.resourceNames],
    ['Verbs', rule.verbs],
  ];
  const shown = parts.filter(([, values]) => values !== undefined && values.length > 0);
  return `{${shown.map(([name, values]) => `${name}:${goList(values ?? [])}`).join(', ')}}`;
}

/** `%q` of a list: `["a" "b"]`. */
export function goList(values: readonly string[]): string {
  return `[${values.map(quote).join(' ')}]`;
}
