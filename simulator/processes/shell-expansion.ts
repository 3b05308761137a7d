/** Patterns of file names and arithmetic, as shells expand them. */

/** What makes a word a pattern: a bracket alone is the program of that name. */
export const PATTERN = /[*?]|\[.+\]/;

/** Undefined for brackets that make no class. */
export function patternMatcher(pattern: string): RegExp | undefined {
  const source = pattern
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  try {
    return new RegExp(`^${source}$`);
  } catch {
    return undefined;
  }
}

/** Integers, variables, + - * / % and parentheses. */
export function evaluate(text: string, lookUp: (name: string) => string | undefined): number {
  const tokens = text.match(/\d+|[A-Za-z_]\w*|[-+*/%()]/g) ?? [];
  let at = 0;
  const atom = (): number => {
    const token = tokens[at++] ?? '0';
    if (token === '(') {
      const value = sum();
      at += 1;
      return value;
    }
    if (token === '-') return -atom();
    return /^\d/.test(token) ? Number(token) : Number(lookUp(token) ?? 0) || 0;
  };
  const product = (): number => {
    let value = atom();
    for (let op = tokens[at]; op === '*' || op === '/' || op === '%'; op = tokens[at]) {
      at += 1;
      const right = atom();
      value = op === '*' ? value * right : Math.trunc(op === '/' ? value / right : value % right);
    }
    return value;
  };
  const sum = (): number => {
    let value = product();
    for (let op = tokens[at]; op === '+' || op === '-'; op = tokens[at]) {
      at += 1;
      value += op === '+' ? product() : -product();
    }
    return value;
  };
  return sum();
}
