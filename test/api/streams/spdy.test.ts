/** Frames as the SPDY/3.1 draft writes them, from a client that is written against the draft and not against the server. */
import { duplexPair } from 'node:stream';
import { createDeflate, constants, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { SPDY_DICTIONARY } from '../../../api/streams/spdy-dictionary.ts';
import { SpdyConnection, type SpdyStream, parseHeaders } from '../../../api/streams/spdy.ts';

const deflate = createDeflate({ dictionary: SPDY_DICTIONARY, flush: constants.Z_SYNC_FLUSH });

function block(headers: Record<string, string>): Promise<Buffer> {
  const parts: Buffer[] = [uint32(Object.keys(headers).length)];
  for (const text of Object.entries(headers).flat())
    parts.push(uint32(Buffer.byteLength(text)), Buffer.from(text));
  return new Promise(resolve => {
    deflate.write(Buffer.concat(parts), () => resolve(deflate.read() as Buffer));
  });
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

const control = (type: number, body: Buffer, flags = 0) =>
  Buffer.concat([Buffer.from([0x80, 3, 0, type]), uint32((flags << 24) | body.length), body]);
const data = (id: number, text: string, flags = 0) =>
  Buffer.concat([uint32(id), uint32(((flags << 24) | text.length) >>> 0), Buffer.from(text)]);
const open = async (id: number, headers: Record<string, string>) =>
  control(1, Buffer.concat([uint32(id), uint32(0), Buffer.from([0, 0]), await block(headers)]));

describe('SPDY', () => {
  test('compresses headers against the dictionary of SPDY/3', () => {
    expect(SPDY_DICTIONARY).toHaveLength(1423);
    // The checksum of the dictionary, which zlib writes into the stream.
    expect(deflateSync('', { dictionary: SPDY_DICTIONARY }).readUInt32BE(2)).toBe(0xe3c6a7c2);
  });

  test('streams, pings and half-closes, whatever the pieces that frames come in', async () => {
    const frames = Buffer.concat([
      await open(1, { Streamtype: 'data', port: '80', requestid: '0' }),
      data(1, 'hello '),
      data(1, 'wor'),
      control(6, uint32(7)),
      data(1, 'ld', 1),
    ]);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(frames.length), { maxLength: 6 }), async cuts => {
        const fresh = createFrames(frames, cuts);
        const [near, far] = duplexPair();
        const connection = new SpdyConnection(far, Buffer.alloc(0));
        const sent: Buffer[] = [];
        near.on('data', (chunk: Buffer) => sent.push(chunk));
        const opened = new Promise<SpdyStream>(resolve => connection.once('stream', resolve));
        for (const piece of fresh) near.write(piece);
        const stream = await opened;
        expect(Object.fromEntries(stream.headers)).toEqual({
          streamtype: 'data',
          port: '80',
          requestid: '0',
        });
        let heard = '';
        stream.on('data', (chunk: Buffer) => (heard += chunk.toString()));
        await new Promise(resolve => stream.once('end', resolve));
        expect(heard).toBe('hello world');
        const ping = control(6, uint32(7));
        await vi.waitFor(() => expect(Buffer.concat(sent).subarray(-ping.length)).toEqual(ping));
        const answer = Buffer.concat(sent.splice(0));
        expect([answer.readUInt16BE(0), answer.readUInt16BE(2), answer.readUInt32BE(8)]).toEqual([
          0x8003, 2, 1,
        ]);
        stream.end('bye');
        const goodbye = Buffer.concat([data(1, 'bye'), data(1, '', 1)]);
        await vi.waitFor(() => expect(Buffer.concat(sent)).toEqual(goodbye));
        connection.destroy();
      }),
      { numRuns: 25 },
    );
  });

  test('garbage ends the connection and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 8, maxLength: 200 }), async bytes => {
        const [near, far] = duplexPair();
        near.on('error', () => {});
        const connection = new SpdyConnection(far, Buffer.alloc(0));
        const closed = new Promise<void>(resolve => connection.once('close', resolve));
        near.end(bytes);
        near.resume();
        await closed;
      }),
      { numRuns: 300 },
    );
  });

  test('headers longer than their block are refused', () => {
    expect(() => parseHeaders(Buffer.concat([uint32(1), uint32(99), Buffer.from('x')]))).not.toThrow(
      SyntaxError,
    );
    expect(() => parseHeaders(Buffer.concat([uint32(2), uint32(1), Buffer.from('x')]))).toThrow(RangeError);
  });
});

function createFrames(frames: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...[...cuts].sort((a, b) => a - b), frames.length];
  return places.slice(1).map((end, index) => frames.subarray(places[index], end));
}
