/**
 * The server's side of SPDY/3.1 as Kubernetes clients speak it (moby/spdystream): streams that the client opens, data
 * both ways, half-closes, resets, pings. There is no flow control; both sides of that protocol do without.
 */
import { EventEmitter } from 'node:events';
import { Duplex } from 'node:stream';
import { type Deflate, type Inflate, constants, createDeflate, createInflate } from 'node:zlib';
import { SPDY_DICTIONARY } from './spdy-dictionary.ts';

const HEADER_BYTES = 8;
const LARGEST_FRAME = 4 * 1024 * 1024;
const LARGEST_HEADERS = 64 * 1024;
const DATA_CHUNK = 32 * 1024;
const BUFFER_BYTES = 1024 * 1024;
/** More streams than any port-forward has at once. */
const MOST_STREAMS = 4096;
const VERSION = 3;
const FLAG_FIN = 0x01;

const SYN_STREAM = 1;
const SYN_REPLY = 2;
const RST_STREAM = 3;
const PING = 6;
const GOAWAY = 7;

const PROTOCOL_ERROR = 1;
const CANCEL = 5;

export class SpdyStream extends Duplex {
  readonly id: number;
  /** By name in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly #connection: SpdyConnection;
  #wanted: (() => void) | undefined;
  #finished = false;

  constructor(connection: SpdyConnection, id: number, headers: ReadonlyMap<string, string>) {
    super({ readableHighWaterMark: BUFFER_BYTES, allowHalfOpen: true, autoDestroy: true });
    this.#connection = connection;
    this.id = id;
    this.headers = headers;
    // A connection that breaks ends its streams; whoever uses them sees that by their end.
    this.on('error', () => {});
  }

  /** @returns a promise where the reader is behind. */
  receive(bytes: Buffer): Promise<void> | undefined {
    if (this.destroyed || this.readableEnded || this.push(bytes)) return undefined;
    return new Promise(resolve => {
      this.#wanted = resolve;
      this.once('close', resolve);
    });
  }

  override _read(): void {
    this.#wanted?.();
    this.#wanted = undefined;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#connection.sendData(this.id, chunk, false, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#finished = true;
    this.#connection.sendData(this.id, Buffer.alloc(0), true, done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#wanted?.();
    this.#connection.forget(this.id, !this.#finished);
    done(error);
  }
}

interface Events {
  stream: [SpdyStream];
  close: [];
}

export class SpdyConnection extends EventEmitter<Events> {
  readonly #transport: Duplex;
  readonly #streams = new Map<number, SpdyStream>();
  readonly #inflate: Inflate = createInflate({
    dictionary: SPDY_DICTIONARY,
    finishFlush: constants.Z_SYNC_FLUSH,
  });
  readonly #deflate: Deflate = createDeflate({ dictionary: SPDY_DICTIONARY, flush: constants.Z_SYNC_FLUSH });
  #lastId = 0;
  #closed = false;

  /** Begins to read at once; streams are announced by the event `stream`. */
  constructor(transport: Duplex, head: Buffer) {
    super();
    this.#transport = transport;
    this.#inflate.on('error', () => this.destroy());
    this.#deflate.on('error', () => this.destroy());
    transport.on('error', () => this.destroy());
    transport.on('close', () => this.destroy());
    void this.#run(head).then(
      () => this.destroy(),
      () => this.destroy(),
    );
  }

  sendData(id: number, bytes: Buffer, last: boolean, done: (error?: Error | null) => void): void {
    if (this.#closed || this.#transport.destroyed) {
      done();
      return;
    }
    let at = 0;
    do {
      const chunk = bytes.subarray(at, at + DATA_CHUNK);
      at += chunk.length;
      const end = at >= bytes.length;
      const header = Buffer.alloc(HEADER_BYTES);
      header.writeUInt32BE(id & 0x7fffffff, 0);
      header.writeUInt32BE(chunk.length, 4);
      if (last && end) header[4] = FLAG_FIN;
      this.#transport.write(Buffer.concat([header, chunk]), end ? error => done(error ?? null) : undefined);
    } while (at < bytes.length);
  }

  /** Says that no more will come, and ends once everything written is sent. */
  end(): void {
    if (this.#closed) return;
    const body = Buffer.alloc(8);
    body.writeUInt32BE(this.#lastId, 0);
    this.#sendControl(GOAWAY, 0, body);
    this.#transport.end();
  }

  destroy(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const stream of [...this.#streams.values()]) stream.destroy();
    this.#inflate.close();
    this.#deflate.close();
    this.#transport.destroy();
    this.emit('close');
  }

  forget(id: number, reset: boolean): void {
    if (!this.#streams.delete(id) || !reset || this.#closed) return;
    const body = Buffer.alloc(8);
    body.writeUInt32BE(id, 0);
    body.writeUInt32BE(CANCEL, 4);
    this.#sendControl(RST_STREAM, 0, body);
  }

  async #run(head: Buffer): Promise<void> {
    let pending = head;
    // Frames come in pieces of any size, over TCP and over WebSocket messages alike.
    for await (const chunk of readChunks(this.#transport, head.length > 0)) {
      pending = pending.length > 0 ? Buffer.concat([pending, chunk]) : chunk;
      for (;;) {
        if (pending.length < HEADER_BYTES) break;
        const length = pending.readUInt32BE(4) & 0xffffff;
        if (length > LARGEST_FRAME) throw new Error('frame too large');
        if (pending.length < HEADER_BYTES + length) break;
        await this.#frame(
          pending.subarray(0, HEADER_BYTES),
          pending.subarray(HEADER_BYTES, HEADER_BYTES + length),
        );
        pending = pending.subarray(HEADER_BYTES + length);
      }
    }
    for (const stream of this.#streams.values()) stream.push(null);
  }

  async #frame(header: Buffer, body: Buffer): Promise<void> {
    const flags = header[4] ?? 0;
    if ((header[0] ?? 0) & 0x80) {
      if ((header.readUInt16BE(0) & 0x7fff) !== VERSION) throw new Error('not SPDY/3');
      await this.#control(header.readUInt16BE(2), flags, body);
      return;
    }
    const stream = this.#streams.get(header.readUInt32BE(0) & 0x7fffffff);
    if (!stream) return;
    if (body.length > 0) await stream.receive(Buffer.from(body));
    if (flags & FLAG_FIN) stream.push(null);
  }

  async #control(type: number, flags: number, body: Buffer): Promise<void> {
    if (type === SYN_STREAM) await this.#open(flags, body);
    else if (type === PING) this.#sendControl(PING, 0, body);
    else if (type === RST_STREAM) this.#streams.get(body.readUInt32BE(0) & 0x7fffffff)?.destroy();
    else if (type === SYN_REPLY) throw new Error('a server opens no streams');
    // SETTINGS, GOAWAY, HEADERS and WINDOW_UPDATE change nothing here.
  }

  async #open(flags: number, body: Buffer): Promise<void> {
    const id = body.readUInt32BE(0) & 0x7fffffff;
    const headers = parseHeaders(await inflated(this.#inflate, body.subarray(10)));
    if (id <= this.#lastId || id % 2 === 0 || this.#streams.size >= MOST_STREAMS) {
      const refusal = Buffer.alloc(8);
      refusal.writeUInt32BE(id, 0);
      refusal.writeUInt32BE(PROTOCOL_ERROR, 4);
      this.#sendControl(RST_STREAM, 0, refusal);
      return;
    }
    this.#lastId = id;
    const stream = new SpdyStream(this, id, headers);
    this.#streams.set(id, stream);
    const start = Buffer.alloc(4);
    start.writeUInt32BE(id, 0);
    this.#sendControl(SYN_REPLY, 0, Buffer.concat([start, await deflated(this.#deflate, Buffer.alloc(4))]));
    if (flags & FLAG_FIN) stream.push(null);
    this.emit('stream', stream);
  }

  #sendControl(type: number, flags: number, body: Buffer): void {
    if (this.#transport.destroyed || this.#transport.writableEnded) return;
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt16BE(0x8000 | VERSION, 0);
    header.writeUInt16BE(type, 2);
    header.writeUInt32BE(body.length, 4);
    header[4] = flags;
    this.#transport.write(Buffer.concat([header, body]));
  }
}

/** What comes in, and nothing first where something is already there to be looked at. */
async function* readChunks(transport: Duplex, now: boolean): AsyncGenerator<Buffer> {
  if (now) yield Buffer.alloc(0);
  for await (const chunk of transport as AsyncIterable<Buffer>) yield chunk;
}

/** One header block of the stream of blocks that share a compression context. */
function inflated(inflate: Inflate, block: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    inflate.once('error', reject);
    inflate.write(block, () => {
      inflate.off('error', reject);
      const bytes = (inflate.read() as Buffer | null) ?? Buffer.alloc(0);
      if (bytes.length > LARGEST_HEADERS) reject(new Error('headers too large'));
      else resolve(bytes);
    });
  });
}

function deflated(deflate: Deflate, block: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    deflate.once('error', reject);
    deflate.write(block, () => {
      deflate.off('error', reject);
      resolve((deflate.read() as Buffer | null) ?? Buffer.alloc(0));
    });
  });
}

/** Names and values, each with its length before it; several values of a name are parted by NUL. */
export function parseHeaders(block: Buffer): Map<string, string> {
  const headers = new Map<string, string>();
  let at = 4;
  const text = () => {
    const length = block.readUInt32BE(at);
    const value = block.toString('utf8', at + 4, at + 4 + length);
    at += 4 + length;
    return value;
  };
  for (let count = block.readUInt32BE(0); count > 0; count -= 1) {
    const name = text().toLowerCase();
    headers.set(name, text().split('\0')[0] ?? '');
  }
  return headers;
}
