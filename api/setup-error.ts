/** What a person did wrong at start: told in one line, without a stack. */
export class SetupError extends Error {
  override readonly name = 'SetupError';
}
