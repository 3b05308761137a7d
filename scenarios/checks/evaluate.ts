/** Whether an expectation holds at this moment, and what is there instead. */
import {
  type JsonValue,
  type KubeObject,
  events,
  findAll,
  matchesLabels,
  objectKey,
  toVersion,
} from '../../simulator/index.ts';
import { type Kind, namespaceOf } from '../run/kinds.ts';
import type { Problem, Session, Subject } from '../run/session.ts';
import { differences, equal, atLeast } from './partial.ts';
import type { EventExpectation, Expectation } from './expectation.ts';
import { resolveKind } from './reference.ts';

/** Everything that is not as expected; empty when the expectation holds. */
export function evaluate(expectation: Expectation, session: Session): Problem[] {
  const kind = expectation.kind || expectation.resource ? resolveKind(expectation, session.kinds) : undefined;
  if (expectation.event) return evaluateEvent(expectation.event, expectation, kind, session);
  if (!kind) throw new Error('an expectation without kind got past its check');
  const objects = findObjects(expectation, kind, session);
  const subject = subjectOf(expectation, kind);
  const count = expectation.count ?? (expectation.absent === true ? 0 : undefined);
  if (count !== undefined) {
    if (objects.length === count) return [];
    return [{ message: 'another number of objects', expected: count, actual: namesOf(objects), subject }];
  }
  if (objects.length === 0) return [{ message: 'there is no such object', subject }];
  return objects.flatMap(object => {
    const key = objectKey(object.metadata.namespace, object.metadata.name);
    return judge(expectation, object as unknown as JsonValue).map(problem => ({
      ...problem,
      subject: { resource: subject.resource, key },
    }));
  });
}

/** The resources whose writes can change whether an expectation holds. */
export function resourcesOf(expectation: Expectation, session: Session): string[] {
  if (expectation.event) return [events.resource];
  return [resourceOf(resolveKind(expectation, session.kinds))];
}

function resourceOf({ definition }: Kind): string {
  return definition.group === '' ? definition.plural : `${definition.plural}.${definition.group}`;
}

function subjectOf(expectation: Expectation, kind: Kind): Subject {
  const resource = resourceOf(kind);
  if (expectation.name === undefined) return { resource };
  return { resource, key: objectKey(namespaceOf(kind, expectation.namespace), expectation.name) };
}

function findObjects(expectation: Expectation, kind: Kind, { cluster }: Session): KubeObject[] {
  const resource = resourceOf(kind);
  const namespace = namespaceOf(kind, expectation.namespace);
  if (expectation.name !== undefined) {
    const object = cluster.store.get(resource, objectKey(namespace, expectation.name));
    return object ? [toVersion(object, kind.apiVersion)] : [];
  }
  const requirements = expectation.labelSelector?.requirements ?? [];
  return cluster.store
    .list(resource, namespace)
    .filter(object => matchesLabels(requirements, object))
    .map(object => toVersion(object, kind.apiVersion));
}

function judge(expectation: Expectation, object: JsonValue): Problem[] {
  const { path, equals, matches, contains, exists } = expectation;
  const found = path ? findAll(path.path, object) : [object];
  const actual = found.length > 1 ? found : found[0];
  const at = path ? `at ${path.text}` : 'in the object';
  if (exists !== undefined) {
    if (found.length > 0 === exists) return [];
    return exists ? [{ message: `nothing ${at}` }] : [{ message: `something ${at}`, actual }];
  }
  if (equals !== undefined) {
    if (equal(actual, equals) || equal(found, equals)) return [];
    return [{ message: `another value ${at}`, expected: equals, actual }];
  }
  if (contains !== undefined) {
    if (found.some(value => containsItem(value, contains))) return [];
    return [{ message: `it is not contained ${at}`, expected: contains, actual }];
  }
  if (matches instanceof RegExp) {
    if (found.some(value => typeof value !== 'object' && matches.test(String(value)))) return [];
    return [{ message: `no match ${at}`, expected: String(matches), actual }];
  }
  if (matches !== undefined) {
    const wanted = matches as JsonValue;
    if (found.some(value => atLeast(value, wanted))) return [];
    return differences(actual, wanted, path?.text ?? '').map(difference => ({
      message: `another value at ${difference.path || 'the top'}`,
      expected: difference.expected,
      actual: difference.actual,
    }));
  }
  return [];
}

function containsItem(value: JsonValue, wanted: JsonValue): boolean {
  if (typeof value === 'string') return typeof wanted === 'string' && value.includes(wanted);
  return Array.isArray(value) && value.some(item => atLeast(item, wanted));
}

function evaluateEvent(
  wanted: EventExpectation,
  about: Expectation,
  kind: Kind | undefined,
  { cluster }: Session,
): Problem[] {
  const namespace = kind ? namespaceOf(kind, about.namespace) : about.namespace;
  const candidates = cluster.view.list(events).filter(({ involvedObject }) => {
    if (kind && involvedObject.kind !== kind.definition.kind) return false;
    if (namespace !== undefined && involvedObject.namespace !== namespace) return false;
    return about.name === undefined || involvedObject.name === about.name;
  });
  const holds = candidates.some(
    ({ type, reason, message, count }) =>
      (wanted.type === undefined || type === wanted.type) &&
      (wanted.reason === undefined || reason === wanted.reason) &&
      (wanted.message === undefined || wanted.message.holds(message ?? '')) &&
      (wanted.count === undefined || (count ?? 1) === wanted.count),
  );
  if (holds) return [];
  const { type, reason, message, count } = wanted;
  const expected = {
    ...(type !== undefined && { type }),
    ...(reason !== undefined && { reason }),
    ...(message !== undefined && { message: message.expected }),
    ...(count !== undefined && { count }),
  };
  const actual = candidates.map(
    event => `${event.type} ${event.reason} ×${event.count ?? 1}: ${event.message}`,
  );
  return [
    { message: 'there is no such event', expected, actual, ...(kind && { subject: subjectOf(about, kind) }) },
  ];
}

function namesOf(objects: readonly KubeObject[]): JsonValue {
  return objects.map(({ metadata }) => objectKey(metadata.namespace, metadata.name));
}
