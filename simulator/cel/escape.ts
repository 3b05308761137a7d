/** Property names as CEL identifiers (apiserver v1.35 pkg/cel/escaping.go). */

const RESERVED = new Set([
  'true',
  'false',
  'null',
  'in',
  'as',
  'break',
  'const',
  'continue',
  'else',
  'for',
  'function',
  'if',
  'import',
  'let',
  'loop',
  'package',
  'namespace',
  'return',
  'var',
  'void',
  'while',
]);
const PLAIN = /^[A-Za-z_][A-Za-z0-9_]*$/;
const ESCAPABLE = /__|[./-]|[^A-Za-z0-9_]/g;
const ESCAPES: Readonly<Record<string, string>> = {
  __: '__underscores__',
  '.': '__dot__',
  '-': '__dash__',
  '/': '__slash__',
};

/** The identifier a rule reads a property by; undefined for a name that no rule can reach. */
export function escapeName(name: string): string | undefined {
  if (RESERVED.has(name)) return `__${name}__`;
  if (PLAIN.test(name) && !name.includes('__')) return name;
  if (!/^[A-Za-z_]/.test(name)) return undefined;
  let reachable = true;
  const escaped = name.replace(ESCAPABLE, part => {
    const escape = ESCAPES[part];
    if (escape === undefined) reachable = false;
    return escape ?? '';
  });
  return reachable ? escaped : undefined;
}
