/** Where watch frames go: a chunked response or a WebSocket. */
import type { ServerResponse } from 'node:http';
import type { WebSocket } from 'ws';
import type { FrameSink } from './watching.ts';

/** What a WebSocket may hold back before its watch waits. */
const SOCKET_BYTES = 1024 * 1024;
const POLL_MS = 50;

export function responseSink(response: ServerResponse): FrameSink {
  return {
    write: frame => response.write(frame),
    onDrain: listener => response.on('drain', listener),
    onClose: listener => response.on('close', listener),
    end: () => response.end(),
    destroy: () => response.destroy(),
  };
}

/** One text message a frame. `ws` tells no drain, so a full socket is looked at again after a moment. */
export function socketSink(socket: WebSocket): FrameSink {
  let listener: () => void = () => {};
  const lookAgain = () => {
    if (socket.bufferedAmount < SOCKET_BYTES) listener();
    else setTimeout(lookAgain, POLL_MS).unref();
  };
  return {
    write(frame) {
      socket.send(frame.trimEnd());
      if (socket.bufferedAmount < SOCKET_BYTES) return true;
      setTimeout(lookAgain, POLL_MS).unref();
      return false;
    },
    onDrain(onDrain) {
      listener = onDrain;
    },
    onClose: onClose => socket.on('close', onClose),
    end: () => socket.close(1000),
    destroy: () => socket.terminate(),
  };
}
