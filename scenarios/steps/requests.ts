/** `patch`, `delete` and `request`: what clients ask of the API, in its own terms. */
import {
  type ApiRequest,
  type JsonValue,
  objectKey,
  patchTypesOf,
  resourceName,
} from '../../simulator/index.ts';
import { answerFields, checkAnswer } from '../checks/answer.ts';
import { differences } from '../checks/partial.ts';
import { kindFields, nameOf, needsKind, objectFields, resolveKind } from '../checks/reference.ts';
import type { ObjectReference } from '../checks/reference.ts';
import { type Check, mapping, optional, required } from '../language/mapping.ts';
import { anything, choice, flag, list, object, text, wholeNumber } from '../language/shapes.ts';
import { type Kinds, UnknownKindError, namespaceOf, targetOf } from '../run/kinds.ts';
import { FIELD_MANAGER, StepFailure, type Subject, ask } from '../run/session.ts';
import { defineStep } from './define.ts';

const PATCH_TYPES = ['json', 'merge', 'strategic', 'apply'] as const;
const PROPAGATION = ['Orphan', 'Background', 'Foreground'] as const;
const VALIDATION = ['Ignore', 'Warn', 'Strict'] as const;
const VERBS = ['get', 'list', 'create', 'update', 'patch', 'delete', 'deletecollection'] as const;

const namesOne: Check<ObjectReference> = (value, fail) => {
  needsKind(value, fail);
  if (value.name === undefined) fail(undefined, '"name" is missing');
};

/** The request's part that names an object, and the object as failures name it. */
function addressOf(
  reference: ObjectReference,
  kinds: Kinds,
): { target: Pick<ApiRequest, 'group' | 'version' | 'resource' | 'namespace' | 'name'>; subject: Subject } {
  const kind = resolveKind(reference, kinds);
  const namespace = namespaceOf(kind, reference.namespace);
  const resource = resourceName(kind.definition.group, kind.definition.plural);
  return {
    target: { ...targetOf(kind), namespace, name: reference.name },
    subject: { resource, key: objectKey(namespace, reference.name ?? '') },
  };
}

export const patch = defineStep({
  verb: 'patch',
  summary: 'change an object, as kubectl patch does',
  argument: mapping(
    {
      ...objectFields,
      type: optional(
        'the kind of patch; by default strategic, or merge for custom resources',
        choice(PATCH_TYPES),
      ),
      subresource: optional('a subresource to patch, such as status', text),
      patch: required('the patch: a part of the object, or the list of operations of a JSON patch', anything),
    },
    (value, fail) => {
      namesOne(value, fail);
      if ((value.type === 'json') !== Array.isArray(value.patch)) {
        fail('patch', value.type === 'json' ? 'a JSON patch is a list' : 'only a JSON patch is a list');
      }
    },
  ),
  beside: answerFields,
  title: argument => `patch ${nameOf(argument)}`,
  check: (argument, kinds) => {
    resolveKind(argument, kinds);
  },
  run: (argument, beside, session) => {
    const { target, subject } = addressOf(argument, session.kinds);
    const known = patchTypesOf(resolveKind(argument, session.kinds).definition);
    const response = ask(session, {
      ...target,
      verb: 'patch',
      subresource: argument.subresource,
      patchType: argument.type ?? (known.includes('strategic') ? 'strategic' : 'merge'),
      body: argument.patch,
      options: { fieldManager: FIELD_MANAGER, fieldValidation: 'Strict' },
    });
    checkAnswer(response, beside, subject);
    return response.code < 400 ? 'patched' : 'refused';
  },
});

export const remove = defineStep({
  verb: 'delete',
  summary: 'delete an object, as kubectl delete --wait=false does',
  argument: mapping(
    {
      ...objectFields,
      gracePeriodSeconds: optional('how long its processes have to end', wholeNumber(0)),
      propagationPolicy: optional('what becomes of what it owns', choice(PROPAGATION)),
    },
    namesOne,
  ),
  beside: answerFields,
  title: argument => `delete ${nameOf(argument)}`,
  check: (argument, kinds) => {
    resolveKind(argument, kinds);
  },
  run: (argument, beside, session) => {
    const { target, subject } = addressOf(argument, session.kinds);
    const { gracePeriodSeconds, propagationPolicy = 'Background' } = argument;
    const response = ask(session, {
      ...target,
      verb: 'delete',
      options: { propagationPolicy, ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }) },
    });
    checkAnswer(response, beside, subject);
    return response.code < 400 ? 'deleted' : 'refused';
  },
});

const requestFields = {
  verb: required('what is asked for', choice(VERBS)),
  ...kindFields,
  subresource: optional('a subresource, such as status or start', text),
  namespace: optional('the namespace; by default "default" where the kind has one', text),
  name: optional("the object's name", text),
  body: optional('the body', anything),
  patchType: optional('how a patch is to be read', choice(PATCH_TYPES)),
  user: optional(
    'who asks; by default the administrator',
    mapping({
      username: required('the name', text),
      groups: optional('the groups, besides system:authenticated', list(text)),
    }),
  ),
  options: optional(
    'query parameters of the request',
    mapping({
      dryRun: optional('do all but store it', flag),
      fieldManager: optional('whose fields these are', text),
      fieldValidation: optional('what becomes of unknown fields', choice(VALIDATION)),
      force: optional('take fields over from others', flag),
      labelSelector: optional('which objects', text),
      fieldSelector: optional('which objects', text),
      limit: optional('how many objects a page', wholeNumber(0)),
      resourceVersion: optional('how new the answer must be', text),
      gracePeriodSeconds: optional('how long processes have to end', wholeNumber(0)),
      propagationPolicy: optional('what becomes of what it owns', choice(PROPAGATION)),
    }),
  ),
};

export const request = defineStep({
  verb: 'request',
  summary: 'any request to the API',
  argument: mapping(requestFields, needsKind),
  beside: {
    ...answerFields,
    answer: optional('a part of the answer, which it has at least', object),
  },
  title: argument => {
    const what = `${argument.verb} ${nameOf(argument)}`;
    return argument.subresource ? `${what} (${argument.subresource})` : what;
  },
  check: (argument, kinds) => {
    if (!isAggregated(argument, kinds)) resolveKind(argument, kinds);
  },
  run: (argument, beside, session) => {
    const { verb, subresource, namespace, name, body, patchType, user, options } = argument;
    const response = ask(session, {
      ...requestTarget(argument, session.kinds),
      verb,
      name,
      ...(namespace !== undefined && { namespace }),
      subresource,
      ...(body !== undefined && { body }),
      patchType,
      ...(user && {
        user: { username: user.username, groups: ['system:authenticated', ...(user.groups ?? [])] },
      }),
      options: { fieldManager: FIELD_MANAGER, ...options },
    });
    checkAnswer(response, beside);
    if (beside.answer) {
      const missing = differences(valueOf(response), beside.answer);
      const problems = missing.map(({ path, expected, actual }) => ({
        message: `another value at ${path || 'the top'} of the answer`,
        expected,
        actual,
      }));
      if (problems.length > 0) throw new StepFailure(...problems);
    }
    return String(response.code);
  },
});

/** A resource of an aggregated API, which the registry does not know: `subresources.kubevirt.io/v1`. */
function isAggregated({ resource, apiVersion }: ObjectReference, kinds: Kinds): boolean {
  if (!resource || !apiVersion?.includes('/')) return false;
  try {
    kinds.find(resource.name, apiVersion);
    return false;
  } catch (error) {
    if (!(error instanceof UnknownKindError)) throw error;
    return !kinds.hasGroup(apiVersion.split('/')[0] ?? '');
  }
}

function requestTarget(
  reference: ObjectReference,
  kinds: Kinds,
): Pick<ApiRequest, 'group' | 'version' | 'resource' | 'namespace'> {
  if (isAggregated(reference, kinds)) {
    const [group = '', version = ''] = (reference.apiVersion ?? '').split('/');
    return { group, version, resource: reference.resource?.name ?? '', namespace: 'default' };
  }
  const kind = resolveKind(reference, kinds);
  return { ...targetOf(kind), namespace: namespaceOf(kind, reference.namespace) };
}

function valueOf(response: ReturnType<typeof ask>): JsonValue {
  switch (response.type) {
    case 'object':
      return response.object as unknown as JsonValue;
    case 'list':
      return response.list as unknown as JsonValue;
    case 'status':
      return response.status as unknown as JsonValue;
    case 'raw':
      return response.value ?? null;
  }
}
