/** A container's files as one process sees them: a flat tree by absolute path, with what has been changed in it. */
import type { Millis } from '../types/meta.ts';
import { NO_BYTES } from './bytes.ts';

export interface FileEntry {
  readonly type: 'file' | 'directory';
  /** Permission bits. */
  readonly mode: number;
  readonly changedAt: Millis;
  readonly content: Uint8Array;
}

/** What the C library says of an error. */
export class FileError extends Error {
  override readonly name = 'FileError';
}

const MISSING = 'No such file or directory';
/** More than this in one tree and the disk is full. */
const CAPACITY = 64 * 1024 * 1024;

/** `.` and `..` resolved; relative paths are taken from a directory. */
export function resolvePath(directory: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${directory}/${path}`).split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return `/${parts.join('/')}`;
}

export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? '/' : path.slice(0, slash);
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export class Files {
  readonly #entries = new Map<string, FileEntry>();
  readonly #children = new Map<string, Set<string>>();
  readonly #changed = new Set<string>();
  readonly #readOnly: readonly string[];
  #size = 0;

  /** @param readOnly directories below which nothing can be changed */
  constructor(readOnly: readonly string[] = []) {
    this.#readOnly = readOnly;
    this.put('/', { type: 'directory', mode: 0o755, changedAt: 0, content: NO_BYTES });
  }

  /** Paths written or removed since the last call. */
  takeChanges(): string[] {
    const changed = [...this.#changed];
    this.#changed.clear();
    return changed;
  }

  get(path: string): FileEntry | undefined {
    return this.#entries.get(path);
  }

  /** Names in a directory, in order. */
  list(path: string): string[] {
    return [...(this.#children.get(path) ?? [])].sort();
  }

  /** @throws FileError where there is no such file. */
  read(path: string): Uint8Array {
    const entry = this.#entries.get(path);
    if (!entry) throw new FileError(MISSING);
    if (entry.type === 'directory') throw new FileError('Is a directory');
    return entry.content;
  }

  /** Lays an entry down as part of what was there before, with the directories above it. */
  put(path: string, entry: FileEntry): void {
    const known = this.#entries.get(path);
    this.#size += entry.content.length - (known?.content.length ?? 0);
    this.#entries.set(path, entry);
    if (entry.type === 'directory' && !this.#children.has(path)) this.#children.set(path, new Set());
    if (path === '/') return;
    const parent = parentOf(path);
    if (!this.#entries.has(parent))
      this.put(parent, { ...entry, type: 'directory', mode: 0o755, content: NO_BYTES });
    this.#children.get(parent)?.add(baseName(path));
  }

  /** @throws FileError where it cannot be written. */
  write(path: string, content: Uint8Array, at: Millis, mode?: number): void {
    const known = this.#entries.get(path);
    if (known?.type === 'directory') throw new FileError('Is a directory');
    this.#allow(path);
    if (this.#size + content.length - (known?.content.length ?? 0) > CAPACITY) {
      throw new FileError('No space left on device');
    }
    this.put(path, { type: 'file', mode: mode ?? known?.mode ?? 0o644, changedAt: at, content });
    this.#changed.add(path);
  }

  /** @throws FileError where it exists or cannot be made. */
  makeDirectory(path: string, at: Millis, mode = 0o755): void {
    if (this.#entries.has(path)) throw new FileError('File exists');
    this.#allow(path);
    this.put(path, { type: 'directory', mode, changedAt: at, content: NO_BYTES });
    this.#changed.add(path);
  }

  /** Changes an entry's permissions or time. */
  touch(path: string, change: Partial<Pick<FileEntry, 'mode' | 'changedAt'>>): void {
    const known = this.#entries.get(path);
    if (!known) throw new FileError(MISSING);
    this.#refuseReadOnly(path);
    this.#entries.set(path, { ...known, ...change });
    this.#changed.add(path);
  }

  /** Removes a file, or a directory with all in it. */
  remove(path: string): void {
    if (!this.#entries.has(path)) throw new FileError(MISSING);
    this.#refuseReadOnly(path);
    for (const name of this.list(path)) this.remove(path === '/' ? `/${name}` : `${path}/${name}`);
    this.drop(path);
    this.#changed.add(path);
  }

  /** As if it had never been there. */
  drop(path: string): void {
    this.#size -= this.#entries.get(path)?.content.length ?? 0;
    for (const name of this.#children.get(path) ?? []) this.drop(`${path === '/' ? '' : path}/${name}`);
    this.#entries.delete(path);
    this.#children.delete(path);
    this.#children.get(parentOf(path))?.delete(baseName(path));
  }

  #allow(path: string): void {
    const parent = this.#entries.get(parentOf(path));
    if (!parent) throw new FileError(MISSING);
    if (parent.type !== 'directory') throw new FileError('Not a directory');
    this.#refuseReadOnly(path);
  }

  #refuseReadOnly(path: string): void {
    if (this.#readOnly.some(top => path === top || path.startsWith(top === '/' ? '/' : `${top}/`))) {
      throw new FileError('Read-only file system');
    }
  }
}
