/**
 * Events as client-go's recorder writes them: one object a (regarding, type, reason, message), counted up when it
 * happens again (client-go tools/record, v1.35). Left out: the spam filter and series of events.k8s.io.
 */
import { timestamp } from './clock/index.ts';
import type { View } from './controller.ts';
import { events } from './resources/refs.ts';
import type { Event } from './types/core.ts';
import type { KubeObject, Millis } from './types/meta.ts';

export interface EventText {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** The event of the same content about the same object, if there is one to count up. */
export function findEvent(
  view: View,
  about: KubeObject,
  text: EventText,
  component: string,
): Event | undefined {
  return view
    .lookup('eventObject', about.metadata.uid, events)
    .find(
      event =>
        event.reason === text.reason &&
        event.message === text.message &&
        event.type === text.type &&
        event.source?.component === component,
    );
}

/** A first event. Its name is the object's name and a hexadecimal of the time, made unique by `suffix`. */
export function newEvent(
  about: KubeObject,
  text: EventText,
  component: string,
  now: Millis,
  suffix: string,
): Omit<Event, 'metadata'> & { metadata: { name: string; namespace: string } } {
  const { name, namespace = 'default', uid, resourceVersion } = about.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.${suffix}`, namespace },
    involvedObject: {
      kind: about.kind,
      ...(about.metadata.namespace ? { namespace: about.metadata.namespace } : {}),
      name,
      uid,
      apiVersion: about.apiVersion,
      resourceVersion,
    },
    reason: text.reason,
    message: text.message,
    source: { component },
    firstTimestamp: timestamp(now),
    lastTimestamp: timestamp(now),
    count: 1,
    type: text.type,
    eventTime: null,
    reportingComponent: component,
    reportingInstance: '',
  };
}
