/** Programs whose input or output goes elsewhere than to whoever runs them: pipes, redirections, substitutions. */
import { NO_BYTES, concatBytes } from './bytes.ts';
import type { Effect, Program } from './program.ts';

const LARGEST_CAPTURE = 4 * 1024 * 1024;

/** Runs a program and answers some of what it asks for in place of whoever runs the shell. */
export function* intercept(
  program: Program,
  handle: (effect: Effect) => Effect | { readonly answer: Uint8Array | undefined },
): Program {
  let step = program.next();
  while (!step.done) {
    const handled = handle(step.value);
    if ('answer' in handled) {
      step = program.next(handled.answer);
      continue;
    }
    let answer: Uint8Array | undefined;
    try {
      answer = yield handled;
    } catch (error) {
      step = program.throw(error);
      continue;
    }
    step = program.next(answer);
  }
  return step.value;
}

/** Runs a program on an input of its own. */
export function feed(program: Program, input: Uint8Array): Program {
  let rest: Uint8Array | undefined = input.length > 0 ? input : undefined;
  return intercept(program, effect => {
    if (effect.op !== 'read') return effect;
    const answer = rest;
    rest = undefined;
    return { answer };
  });
}

/** What a program prints is more than its reader takes. */
class BrokenPipe extends Error {}

/** Runs a program to its end and keeps what it prints. */
export function* capture(
  program: Program,
): Generator<Effect, { code: number; output: Uint8Array }, Uint8Array | undefined> {
  const parts: Uint8Array[] = [];
  let size = 0;
  const output = () => (parts.length > 0 ? concatBytes(parts) : NO_BYTES);
  try {
    const code = yield* intercept(program, effect => {
      if (effect.op !== 'write' || effect.to !== 'stdout') return effect;
      parts.push(effect.bytes);
      size += effect.bytes.length;
      if (size > LARGEST_CAPTURE) throw new BrokenPipe();
      return { answer: undefined };
    });
    return { code, output: output() };
  } catch (error) {
    if (!(error instanceof BrokenPipe)) throw error;
    program.return(0);
    return { code: 141, output: output() };
  }
}
