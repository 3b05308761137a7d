/** The streams of one remote command, whatever protocol carries them. */
import { type Readable, type Writable, finished } from 'node:stream';
import type { Status } from '../../simulator/types/meta.ts';

export interface RemoteStreams {
  readonly stdin: Readable | undefined;
  readonly stdout: Writable | undefined;
  readonly stderr: Writable | undefined;
  /** Tells how it ended, after all output, and closes. */
  finish(status: CommandStatus): void;
  /** Called once when the client is gone. */
  onClose(listener: () => void): void;
}

/** A Status as the error channel carries it. */
export type CommandStatus = Omit<Status, 'kind' | 'apiVersion' | 'code'> & { readonly code?: number };

/** Which streams a client asks for. */
export interface WantedStreams {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

export function isOn(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value === 'true' || value === '1';
}

export function wantedStreams(query: URLSearchParams): WantedStreams {
  const tty = isOn(query, 'tty');
  return {
    stdin: isOn(query, 'stdin'),
    stdout: isOn(query, 'stdout'),
    // A terminal has one output.
    stderr: isOn(query, 'stderr') && !tty,
    tty,
  };
}

/** JSON since protocol version 4; older ones carry the text of a failure and nothing of a success. */
export function errorText(status: CommandStatus, asJson: boolean): string {
  if (asJson) return JSON.stringify(status);
  return status.status === 'Success' ? '' : (status.message ?? '');
}

/** Ends outputs and calls back once all that was written to them is on its way. */
export function afterOutput(outputs: readonly (Writable | undefined)[], done: () => void): void {
  const open = outputs.filter(each => each !== undefined);
  let left = open.length;
  if (left === 0) done();
  for (const output of open) {
    finished(output, { readable: false }, () => {
      left -= 1;
      if (left === 0) done();
    });
    output.end();
  }
}
