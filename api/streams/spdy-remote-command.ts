/** Remote commands over SPDY: one stream each for error, stdin, stdout, stderr and the terminal's size. */
import { type RemoteStreams, type WantedStreams, afterOutput, errorText } from './remote-streams.ts';
import type { SpdyConnection, SpdyStream } from './spdy.ts';

/** v5 of WebSockets brings nothing that SPDY lacks; servers speak v4 at most. */
const PROTOCOLS = ['v4.channel.k8s.io', 'v3.channel.k8s.io', 'v2.channel.k8s.io', 'channel.k8s.io'];
const CREATION_TIMEOUT_MS = 30_000;

export function chooseSpdyProtocol(offered: readonly string[]): string | undefined {
  // Clients of the first version name none.
  return offered.length === 0 ? '' : PROTOCOLS.find(each => offered.includes(each));
}

export const SPDY_COMMAND_PROTOCOLS: readonly string[] = PROTOCOLS;

/** Waits until the client has opened what it asked for; undefined where it does not, or goes away. */
export function spdyStreams(
  connection: SpdyConnection,
  protocol: string,
  wanted: WantedStreams,
): Promise<RemoteStreams | undefined> {
  const resize = wanted.tty && protocol !== '' && protocol >= 'v3';
  const expected = [
    'error',
    ...(wanted.stdin ? ['stdin'] : []),
    ...(wanted.stdout ? ['stdout'] : []),
    ...(wanted.stderr ? ['stderr'] : []),
    ...(resize ? ['resize'] : []),
  ];
  const opened = new Map<string, SpdyStream>();
  return new Promise(resolve => {
    const timer = setTimeout(() => {
      connection.destroy();
      resolve(undefined);
    }, CREATION_TIMEOUT_MS);
    connection.on('close', () => {
      clearTimeout(timer);
      resolve(undefined);
    });
    connection.on('stream', stream => {
      const type = stream.headers.get('streamtype') ?? '';
      opened.set(type, stream);
      if (type !== 'stdin') stream.resume();
      if (!expected.every(each => opened.has(each))) return;
      clearTimeout(timer);
      resolve(assemble(connection, opened, protocol.startsWith('v4')));
    });
  });
}

function assemble(
  connection: SpdyConnection,
  opened: ReadonlyMap<string, SpdyStream>,
  json: boolean,
): RemoteStreams {
  const [stdin, stdout, stderr, error] = ['stdin', 'stdout', 'stderr', 'error'].map(each => opened.get(each));
  return {
    stdin,
    stdout,
    stderr,
    finish(status) {
      const text = errorText(status, json);
      afterOutput([stdout, stderr], () => {
        // The end of the error stream is the last thing that is sent.
        error?.end(text === '' ? undefined : text);
        afterOutput([error], () => connection.end());
      });
    },
    onClose(listener) {
      connection.once('close', listener);
    },
  };
}
