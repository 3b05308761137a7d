/** The decision itself (kubernetes plugin/pkg/auth/authorizer/rbac, behind the privileged group, v1.35). */
import type { View } from '../controller.ts';
import type { UserInfo } from '../types/meta.ts';
import { type Grant, grantsIn, grantsOf, missingRole, rulesOf } from './grants.ts';
import { ruleAllows } from './rules.ts';
import type { Attributes, Decision, PolicyRule } from './types.ts';

/** Members may do everything, whatever the roles say. */
export const MASTERS = 'system:masters';

const PRIVILEGED: Decision = { allowed: true, reason: '' };
const REFUSED: Decision = { allowed: false, reason: '' };

/** Whether somebody may do something, by the roles and bindings of a cluster at this moment. */
export function authorize(view: View, attributes: Attributes): Decision {
  const { user } = attributes;
  if (user.groups.includes(MASTERS)) return PRIVILEGED;
  const state = grantsIn(view);
  const namespace = attributes.path === undefined ? (attributes.namespace ?? '') : '';
  let missing: Set<string> | undefined;
  for (const grant of grantsOf(state, user, namespace)) {
    const rules = rulesOf(state, grant);
    if (!rules) {
      missing ??= new Set();
      missing.add(missingRole(grant.binding.roleRef));
      continue;
    }
    for (const rule of rules) {
      if (ruleAllows(rule, attributes)) return { allowed: true, reason: grant.reason };
    }
  }
  return missing ? { allowed: false, reason: `RBAC: ${aggregate([...missing])}` } : REFUSED;
}

export interface HeldRules {
  readonly rules: readonly PolicyRule[];
  /** What went wrong while looking, as one text. */
  readonly error?: string;
}

/** All rules that hold for a user in a namespace (`''`: those that hold everywhere), bindings in order of their names. */
export function rulesFor(view: View, user: UserInfo, namespace: string): HeldRules {
  const state = grantsIn(view);
  const rules: PolicyRule[] = [];
  const missing = new Set<string>();
  for (const grant of eachOnce(grantsOf(state, user, namespace))) {
    const found = rulesOf(state, grant);
    if (found) rules.push(...found);
    else missing.add(missingRole(grant.binding.roleRef));
  }
  return missing.size === 0 ? { rules } : { rules, error: aggregate([...missing]) };
}

function eachOnce(found: Iterable<Grant>): Grant[] {
  const byUid = new Map<string, Grant>();
  for (const grant of found) {
    if (!byUid.has(grant.binding.metadata.uid)) byUid.set(grant.binding.metadata.uid, grant);
  }
  const place = ({ namespace, binding }: Grant) => `${namespace}/${binding.metadata.name}`;
  return [...byUid.values()].sort((a, b) => (place(a) < place(b) ? -1 : 1));
}

/** How Go joins several errors. */
function aggregate(texts: readonly string[]): string {
  return texts.length === 1 ? (texts[0] as string) : `[${texts.join(', ')}]`;
}
