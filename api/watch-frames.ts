/** One watch event as one line of JSON, in the shape that a watcher asked for. */
import type { WatchEvent } from '../simulator/apiserver/index.ts';
import type { KubeObject, Millis, Status } from '../simulator/types/meta.ts';
import { encodeObject, encodePartial } from './encoding.ts';
import type { IncludeObject, Wanted } from './negotiation.ts';
import { encodeStatus } from './responses.ts';
import type { TableEncoder } from './tables.ts';

export interface FrameEncoder {
  encode(event: WatchEvent): string;
}

/** Frames of plain objects, made once however many watchers there are. */
const plainFrames = new WeakMap<KubeObject, Map<WatchEvent['type'], string>>();

function frame(type: string, object: string): string {
  return `{"type":"${type}","object":${object}}\n`;
}

export const plainEncoder: FrameEncoder = {
  encode({ type, object }) {
    let frames = plainFrames.get(object);
    if (!frames) {
      frames = new Map();
      plainFrames.set(object, frames);
    }
    let text = frames.get(type);
    if (text === undefined) {
      text = frame(type, encodeObject(object));
      frames.set(type, text);
    }
    return text;
  },
};

/** @param now virtual time, for the ages in tables. */
export function frameEncoder(
  wanted: Wanted,
  tables: () => TableEncoder,
  include: IncludeObject,
  now: () => Millis,
): FrameEncoder {
  if (wanted.shape === 'object') return plainEncoder;
  const { version } = wanted;
  if (wanted.shape !== 'table') {
    return { encode: ({ type, object }) => frame(type, encodePartial(object, version)) };
  }
  const table = tables();
  let first = true;
  return {
    encode({ type, object }) {
      const options = { version, include, now: now() };
      const text =
        type === 'BOOKMARK'
          ? table.encodeBookmark(object, options)
          : table.encodeObject(object, options, first);
      first = first && type === 'BOOKMARK';
      return frame(type, text);
    },
  };
}

export function errorFrame(status: Status): string {
  return frame('ERROR', encodeStatus(status));
}
