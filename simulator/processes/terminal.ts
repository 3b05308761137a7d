/**
 * A terminal's line discipline (Linux n_tty in cooked mode): echo, editing of the line, Ctrl-C, Ctrl-D, and a carriage
 * return before each line end on the way out.
 */
import { NO_BYTES, concatBytes, toBytes } from './bytes.ts';

export interface Typed {
  /** What appears on the screen. */
  readonly echo: Uint8Array;
  /** Complete lines, for the program to read. */
  readonly lines: readonly Uint8Array[];
  readonly interrupted: boolean;
  /** Ctrl-D on an empty line. */
  readonly ended: boolean;
}

const INTERRUPT = 0x03;
const END = 0x04;
const BACKSPACE = 0x08;
const NEW_LINE = 0x0a;
const RETURN = 0x0d;
const KILL = 0x15;
const DELETE = 0x7f;

export class Terminal {
  #line: number[] = [];

  type(bytes: Uint8Array): Typed {
    const echo: Uint8Array[] = [];
    const lines: Uint8Array[] = [];
    let interrupted = false;
    let ended = false;
    for (const byte of bytes) {
      if (byte === NEW_LINE || byte === RETURN) {
        echo.push(toBytes('\r\n'));
        lines.push(Uint8Array.from([...this.#line, NEW_LINE]));
        this.#line = [];
      } else if (byte === INTERRUPT) {
        echo.push(toBytes('^C\r\n'));
        this.#line = [];
        interrupted = true;
      } else if (byte === END) {
        if (this.#line.length === 0) ended = true;
        else lines.push(Uint8Array.from(this.#line));
        this.#line = [];
      } else if (byte === BACKSPACE || byte === DELETE) {
        if (this.#line.pop() !== undefined) echo.push(toBytes('\b \b'));
      } else if (byte === KILL) {
        echo.push(toBytes('\b \b'.repeat(this.#line.length)));
        this.#line = [];
      } else {
        this.#line.push(byte);
        echo.push(Uint8Array.of(byte));
      }
    }
    return { echo: concatBytes(echo.length > 0 ? echo : [NO_BYTES]), lines, interrupted, ended };
  }
}

/** What a program writes, as a terminal shows it. */
export function forTerminal(bytes: Uint8Array): Uint8Array {
  let count = 0;
  for (const byte of bytes) if (byte === NEW_LINE) count += 1;
  if (count === 0) return bytes;
  const shown = new Uint8Array(bytes.length + count);
  let at = 0;
  for (const byte of bytes) {
    if (byte === NEW_LINE) shown[at++] = RETURN;
    shown[at++] = byte;
  }
  return shown;
}
