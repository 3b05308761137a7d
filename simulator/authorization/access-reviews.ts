/** Questions about access as objects (kubernetes pkg/registry/authorization, v1.35): asked by POST, answered in `status`. */
import {
  type ApiServerContext,
  type VirtualResource,
  badRequest,
  fieldErrors,
  goJson,
  invalid,
} from '../apiserver/index.ts';
import { builtIn } from '../resources/build.ts';
import type { KubeObject, NewObject, StatusCause, UserInfo } from '../types/meta.ts';
import { authorize, rulesFor } from './authorize.ts';
import type { Attributes } from './types.ts';

export const AUTHORIZATION_GROUP = 'authorization.k8s.io';

interface AskedResource {
  namespace?: string;
  verb?: string;
  group?: string;
  version?: string;
  resource?: string;
  subresource?: string;
  name?: string;
}

interface AccessSpec {
  resourceAttributes?: AskedResource;
  nonResourceAttributes?: { path?: string; verb?: string };
  user?: string;
  uid?: string;
  groups?: string[];
  extra?: Record<string, string[]>;
}

function virtual(
  plural: string,
  kind: string,
  namespaced: boolean,
  answer: (context: ApiServerContext, spec: AccessSpec, object: NewObject, user: UserInfo) => object,
): VirtualResource {
  return {
    definition: builtIn({ group: AUTHORIZATION_GROUP, plural, kind, namespaced, verbs: ['create'] }),
    create(context, { user }, object) {
      const spec = (object as { spec?: AccessSpec }).spec ?? {};
      return { ...object, status: answer(context, spec, object, user) } as unknown as KubeObject;
    },
  };
}

export const accessReviews: readonly VirtualResource[] = [
  virtual('localsubjectaccessreviews', 'LocalSubjectAccessReview', true, (context, spec, { metadata }) => {
    const wanted = spec.resourceAttributes?.namespace ?? '';
    if (wanted !== metadata.namespace) {
      throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${metadata.namespace ?? ''}`);
    }
    refuse(subjectErrors(spec));
    return verdict(context, spec, subjectOf(spec));
  }),
  virtual('selfsubjectaccessreviews', 'SelfSubjectAccessReview', false, (context, spec, _object, user) => {
    refuse(targetErrors(spec));
    return verdict(context, spec, user);
  }),
  virtual('selfsubjectrulesreviews', 'SelfSubjectRulesReview', false, (context, spec, _object, user) => {
    const { namespace } = spec as { namespace?: string };
    if (!namespace) throw badRequest('no namespace on request');
    return rulesStatus(context, user, namespace);
  }),
  virtual('subjectaccessreviews', 'SubjectAccessReview', false, (context, spec) => {
    refuse(subjectErrors(spec));
    return verdict(context, spec, subjectOf(spec));
  }),
];

function verdict({ view }: ApiServerContext, spec: AccessSpec, user: UserInfo): object {
  const { allowed, reason } = authorize(view, wishOf(spec, user));
  return reason === '' ? { allowed } : { allowed, reason };
}

function wishOf({ resourceAttributes, nonResourceAttributes }: AccessSpec, user: UserInfo): Attributes {
  if (!resourceAttributes) {
    const { path = '', verb = '' } = nonResourceAttributes ?? {};
    return { user, verb, path };
  }
  const { namespace, verb = '', group = '', resource = '', subresource, name } = resourceAttributes;
  return { user, verb, apiGroup: group, resource, subresource, namespace, name };
}

function subjectOf({ user = '', uid, groups = [], extra }: AccessSpec): UserInfo {
  return { username: user, groups, ...(uid ? { uid } : {}), ...(extra ? { extra } : {}) };
}

function subjectErrors(spec: AccessSpec): StatusCause[] {
  const causes = targetErrors(spec);
  if (!spec.user && (spec.groups ?? []).length === 0) {
    causes.push(fieldErrors.invalidValue('spec.user', '', 'at least one of user or group must be specified'));
  }
  return causes;
}

function targetErrors({ resourceAttributes, nonResourceAttributes }: AccessSpec): StatusCause[] {
  if (resourceAttributes && nonResourceAttributes) {
    return [
      {
        reason: 'FieldValueInvalid',
        message: `Invalid value: ${goJson(nonResourceAttributes)}: cannot be specified in combination with resourceAttributes`,
        field: 'spec.nonResourceAttributes',
      },
    ];
  }
  if (resourceAttributes || nonResourceAttributes) return [];
  return [
    fieldErrors.invalidValue(
      'spec.resourceAttributes',
      null,
      'exactly one of nonResourceAttributes or resourceAttributes must be specified',
    ),
  ];
}

/** The server asks its internal object for the kind, which has none by then. */
function refuse(causes: readonly StatusCause[]): void {
  if (causes.length > 0) throw invalid({ group: AUTHORIZATION_GROUP, kind: '' }, '', causes);
}

function rulesStatus({ view }: ApiServerContext, user: UserInfo, namespace: string): object {
  const { rules, error } = rulesFor(view, user, namespace);
  return {
    resourceRules: rules
      .filter(({ resources = [] }) => resources.length > 0)
      .map(({ verbs, apiGroups, resources, resourceNames }) => ({
        verbs,
        apiGroups,
        resources,
        ...(resourceNames && resourceNames.length > 0 ? { resourceNames } : {}),
      })),
    nonResourceRules: rules
      .filter(({ nonResourceURLs = [] }) => nonResourceURLs.length > 0)
      .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
    incomplete: false,
    ...(error === undefined ? {} : { evaluationError: error }),
  };
}
