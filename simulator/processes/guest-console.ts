/**
 * The serial console of a guest. {@link GuestConsole} is what a stream is connected to; {@link plainConsole} is a
 * machine that boots to a login prompt, echoes what is typed and lets nobody in: it has no users.
 */
import { SECOND } from '../clock/index.ts';
import { domains } from '../resources/internal.ts';
import type { View } from '../controller.ts';
import type { VirtualMachineInstance } from '../types/kubevirt.ts';
import type { Millis } from '../types/meta.ts';
import { concatBytes, NO_BYTES, toBytes, toText } from './bytes.ts';
import { Terminal } from './terminal.ts';

export interface GuestConsole {
  /** What the guest prints by itself until a moment, from the moment of the last call (or of the opening) on. */
  printed(until: Millis): Uint8Array;
  /** What it prints when something is typed. */
  type(bytes: Uint8Array, now: Millis): Uint8Array;
}

type Answer = { readonly state: 'login' | 'password'; readonly name: string };

/** How long after its start the machine prints what. */
function bootLines(hostname: string): readonly (readonly [after: Millis, text: string])[] {
  return [
    [0, 'SeaBIOS (version 1.16.3-4.el9)\r\n'],
    [50, 'Booting from Hard Disk...\r\n'],
    [200, '[    0.000000] Linux version 6.12.0\r\n'],
    [600, 'Starting the login service\r\n\r\n'],
    [SECOND, `${hostname} login: `],
  ];
}

export function plainConsole(view: View, vmi: VirtualMachineInstance): GuestConsole {
  const { namespace, name } = vmi.metadata;
  const hostname = (vmi.spec as { hostname?: string }).hostname ?? name.split('.')[0]?.slice(0, 63) ?? name;
  const startedAt = view.get(domains, namespace, name)?.startedAt ?? view.now;
  const lines = bootLines(hostname);
  const prompt = `${hostname} login: `;
  const terminal = new Terminal();
  let printedUntil = view.now;
  let answer: Answer = { state: 'login', name: '' };
  return {
    printed(until) {
      const due = lines.filter(([after]) => startedAt + after > printedUntil && startedAt + after <= until);
      printedUntil = Math.max(printedUntil, until);
      return due.length > 0 ? toBytes(due.map(([, text]) => text).join('')) : NO_BYTES;
    },
    type(bytes, now) {
      // Nobody listens to the line before the system is up.
      if (now < startedAt + (lines.at(-1)?.[0] ?? 0)) return NO_BYTES;
      const { echo, lines: typed } = terminal.type(bytes);
      const secret = answer.state === 'password';
      let said = '';
      for (const each of typed) {
        const text = toText(each).trim();
        if (answer.state === 'password') {
          said += `\r\nLogin incorrect\r\n${prompt}`;
          answer = { state: 'login', name: '' };
        } else if (text === '') {
          said += prompt;
        } else {
          said += 'Password: ';
          answer = { state: 'password', name: text };
        }
      }
      return concatBytes([secret ? NO_BYTES : echo, toBytes(said)]);
    },
  };
}
