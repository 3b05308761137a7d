/** Tar archives as GNU tar and Go's archive/tar write them (POSIX.1-2001 ustar and pax): files and directories. */
import { concatBytes, NO_BYTES, toBytes, toText } from './bytes.ts';

const BLOCK = 512;
const NAME_LENGTH = 100;

export interface TarEntry {
  /** Without a leading slash; directories without a trailing one. */
  readonly path: string;
  readonly type: 'file' | 'directory';
  readonly mode: number;
  /** Seconds since the epoch. */
  readonly changedAt: number;
  readonly content: Uint8Array;
}

export class TarError extends Error {
  override readonly name = 'TarError';
}

export function writeTar(entries: readonly TarEntry[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const entry of entries) {
    const name = entry.type === 'directory' ? `${entry.path}/` : entry.path;
    if (toBytes(name).length > NAME_LENGTH || /[^\x20-\x7e]/.test(name)) {
      const record = paxRecord('path', name);
      parts.push(header('PaxHeaders/entry', 'x', 0o644, entry.changedAt, record.length), padded(record));
    }
    const type = entry.type === 'directory' ? '5' : '0';
    parts.push(header(name, type, entry.mode, entry.changedAt, entry.content.length), padded(entry.content));
  }
  parts.push(new Uint8Array(2 * BLOCK));
  return concatBytes(parts);
}

/** A pax record begins with its own length in decimal. */
function paxRecord(key: string, value: string): Uint8Array {
  const rest = ` ${key}=${value}\n`;
  const size = toBytes(rest).length;
  let length = size + 1;
  while (String(length).length + size !== length) length += 1;
  return toBytes(`${length}${rest}`);
}

function padded(bytes: Uint8Array): Uint8Array {
  const missing = (BLOCK - (bytes.length % BLOCK)) % BLOCK;
  return missing === 0 ? bytes : concatBytes([bytes, new Uint8Array(missing)]);
}

function header(name: string, type: string, mode: number, changedAt: number, size: number): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const text = (at: number, value: string, length: number) =>
    block.set(toBytes(value).subarray(0, length), at);
  const octal = (at: number, value: number, length: number) =>
    text(at, `${value.toString(8).padStart(length - 1, '0')}\0`, length);
  text(0, name, NAME_LENGTH);
  octal(100, mode, 8);
  octal(108, 0, 8);
  octal(116, 0, 8);
  octal(124, size, 12);
  octal(136, Math.max(0, changedAt), 12);
  text(148, '        ', 8);
  text(156, type, 1);
  text(257, 'ustar\x0000', 8);
  text(265, 'root', 32);
  text(297, 'root', 32);
  const sum = block.reduce((total, byte) => total + byte, 0);
  text(148, `${sum.toString(8).padStart(6, '0')}\0 `, 8);
  return block;
}

/** @throws TarError for what is no archive, is cut short, or holds more than files and directories. */
export function readTar(bytes: Uint8Array): TarEntry[] {
  const entries: TarEntry[] = [];
  let longName: string | undefined;
  for (let at = 0; at + BLOCK <= bytes.length; ) {
    const block = bytes.subarray(at, at + BLOCK);
    if (block.every(byte => byte === 0)) return entries;
    const field = (start: number, length: number) => {
      const part = block.subarray(start, start + length);
      const end = part.indexOf(0);
      return toText(end < 0 ? part : part.subarray(0, end));
    };
    const number = (start: number, length: number) => {
      const value = Number.parseInt(field(start, length).trim() || '0', 8);
      if (!Number.isFinite(value)) throw new TarError('This does not look like a tar archive');
      return value;
    };
    const sum = block.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0);
    if (sum !== number(148, 8)) throw new TarError('This does not look like a tar archive');
    const size = number(124, 12);
    const content = bytes.subarray(at + BLOCK, at + BLOCK + size);
    if (content.length < size) throw new TarError('Unexpected EOF in archive');
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    const type = field(156, 1) || '0';
    if (type === 'x') {
      longName = paxPath(content) ?? longName;
    } else if (type === 'L') {
      longName = toText(content).replace(/\0+$/, '');
    } else if (type !== 'g') {
      const prefix = field(257, 5) === 'ustar' ? field(345, 155) : '';
      const name = longName ?? (prefix === '' ? field(0, NAME_LENGTH) : `${prefix}/${field(0, NAME_LENGTH)}`);
      longName = undefined;
      const directory = type === '5';
      if (!directory && type !== '0')
        throw new TarError(`${name}: entries of type ${type} are not supported`);
      entries.push({
        path: name.replace(/\/+$/, '').replace(/^\/+/, ''),
        type: directory ? 'directory' : 'file',
        mode: number(100, 8) & 0o7777,
        changedAt: number(136, 12),
        content: directory ? NO_BYTES : content,
      });
    }
  }
  return entries;
}

function paxPath(content: Uint8Array): string | undefined {
  let path: string | undefined;
  let rest = toText(content);
  while (rest !== '') {
    const match = /^(\d+) ([^=]+)=/.exec(rest);
    if (!match) break;
    // Lengths count bytes; text beyond ASCII is measured as such.
    const record = toText(toBytes(rest).subarray(0, Number(match[1])));
    if (match[2] === 'path') path = record.slice(match[0].length, -1);
    rest = rest.slice(record.length);
  }
  return path;
}
