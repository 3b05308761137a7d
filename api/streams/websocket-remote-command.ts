/** Remote commands in WebSocket messages: a channel number, then bytes (client-go remotecommand, kubelet wsstream). */
import { PassThrough, Writable } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import {
  type CommandStatus,
  type RemoteStreams,
  type WantedStreams,
  afterOutput,
  errorText,
} from './remote-streams.ts';

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const ERROR = 3;
const RESIZE = 4;
const CLOSE = 255;

/** In the order in which a server prefers them; without any, the first version is spoken. */
const PROTOCOLS = [
  'v5.channel.k8s.io',
  'v4.channel.k8s.io',
  'v4.base64.channel.k8s.io',
  'v3.channel.k8s.io',
  'v2.channel.k8s.io',
  'channel.k8s.io',
  'base64.channel.k8s.io',
];

export interface ChannelProtocol {
  /** As the client wrote it; empty where it named none. */
  readonly name: string;
  readonly base64: boolean;
  /** The end is told as a Status. */
  readonly json: boolean;
  /** Single streams can be closed. */
  readonly closes: boolean;
}

/** Undefined where the client knows none that the server does. */
export function chooseProtocol(offered: readonly string[]): ChannelProtocol | undefined {
  const name = offered.length === 0 ? '' : PROTOCOLS.find(each => offered.includes(each));
  if (name === undefined) return undefined;
  return {
    name,
    base64: name.includes('base64'),
    json: name.startsWith('v5') || name.startsWith('v4'),
    closes: name.startsWith('v5'),
  };
}

/** Bytes of a channel as one message. */
export function channelMessage(channel: number, bytes: Buffer, base64: boolean): Buffer | string {
  return base64 ? `${channel}${bytes.toString('base64')}` : Buffer.concat([Buffer.of(channel), bytes]);
}

export function parseMessage(data: RawData, base64: boolean): { channel: number; bytes: Buffer } | undefined {
  const raw = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer);
  if (raw.length === 0) return undefined;
  if (!base64) return { channel: raw[0] as number, bytes: raw.subarray(1) };
  const text = raw.toString('latin1');
  return { channel: Number(text[0]), bytes: Buffer.from(text.slice(1), 'base64') };
}

/** A stream of messages on one channel. */
export function channelWriter(client: WebSocket, channel: number, base64: boolean): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (client.readyState !== client.OPEN) done();
      else client.send(channelMessage(channel, chunk, base64), () => done());
    },
  });
}

export function webSocketStreams(
  client: WebSocket,
  protocol: ChannelProtocol,
  wanted: WantedStreams,
): RemoteStreams {
  const { base64 } = protocol;
  const stdin = wanted.stdin ? new PassThrough() : undefined;
  stdin?.on('error', () => {});
  stdin?.on('drain', () => client.resume());
  client.on('message', data => {
    const message = parseMessage(data, base64);
    if (!message || !stdin || stdin.writableEnded) return;
    if (message.channel === STDIN) {
      if (message.bytes.length > 0 && !stdin.write(message.bytes)) client.pause();
    } else if (message.channel === CLOSE && protocol.closes && message.bytes[0] === STDIN) {
      stdin.end();
    } else if (message.channel > RESIZE && message.channel !== CLOSE) {
      client.close(1011, 'unknown channel');
    }
  });
  client.on('close', () => stdin?.end());
  const stdout = wanted.stdout ? channelWriter(client, STDOUT, base64) : undefined;
  const stderr = wanted.stderr ? channelWriter(client, STDERR, base64) : undefined;
  return {
    stdin,
    stdout,
    stderr,
    finish(status: CommandStatus) {
      afterOutput([stdout, stderr], () => {
        const text = errorText(status, protocol.json);
        if (client.readyState !== client.OPEN) return;
        if (text !== '') client.send(channelMessage(ERROR, Buffer.from(text), base64));
        client.resume();
        client.close(1000);
      });
    },
    onClose(listener) {
      client.once('close', listener);
    },
  };
}
