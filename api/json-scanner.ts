/**
 * What JSON.parse does not tell: which fields are given twice, and Go's words for what is wrong with a text
 * (encoding/json, as Kubernetes shows them to clients). Run only where somebody wants to know.
 */
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

interface Frame {
  /** Keys seen, for an object; undefined for a list. */
  readonly keys: Set<string> | undefined;
  readonly path: string;
  index: number;
}

/**
 * The fields that one object names twice, as `duplicate field "spec.replicas"`, each once and in the order of the
 * text. The text must be valid JSON. Costs about as much as parsing it.
 */
export function duplicateFields(text: string): string[] {
  const found = new Set<string>();
  const stack: Frame[] = [];
  let top: Frame | undefined;
  let key = '';
  let expectKey = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) {
      const end = endOfString(text, at);
      if (expectKey && top?.keys) {
        const raw = text.slice(at + 1, end);
        key = raw.includes('\\') ? (JSON.parse(text.slice(at, end + 1)) as string) : raw;
        if (top.keys.has(key)) found.add(`duplicate field "${join(top.path, key)}"`);
        else top.keys.add(key);
        expectKey = false;
      }
      at = end;
    } else if (char === OPEN_BRACE || char === OPEN_BRACKET) {
      const path: string = top ? (top.keys ? join(top.path, key) : `${top.path}[${top.index}]`) : '';
      top = { keys: char === OPEN_BRACE ? new Set() : undefined, path, index: 0 };
      stack.push(top);
      expectKey = char === OPEN_BRACE;
    } else if (char === CLOSE_BRACE || char === CLOSE_BRACKET) {
      stack.pop();
      top = stack.at(-1);
      expectKey = false;
    } else if (char === COMMA && top) {
      if (top.keys) expectKey = true;
      else top.index += 1;
    }
  }
  return [...found];
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end > 0 && text.charCodeAt(end - 1) === BACKSLASH) {
    let slashes = 1;
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) break;
    end = text.indexOf('"', end + 1);
  }
  return end < 0 ? text.length : end;
}

class SyntaxProblem extends Error {}

/** Go's message for a text that is not JSON; undefined when it is. */
export function jsonProblem(text: string): string | undefined {
  const scanner = new Scanner(text);
  try {
    scanner.value('looking for beginning of value');
    scanner.space();
    if (!scanner.done) scanner.fail('after top-level value');
    return undefined;
  } catch (error) {
    if (error instanceof SyntaxProblem) return error.message;
    throw error;
  }
}

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get done(): boolean {
    return this.#at >= this.#text.length;
  }

  #peek(): number {
    return this.#text.charCodeAt(this.#at);
  }

  fail(where: string): never {
    if (this.done) throw new SyntaxProblem('unexpected end of JSON input');
    const char = String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0);
    throw new SyntaxProblem(`invalid character ${quoted(char)} ${where}`);
  }

  space(): void {
    while (!this.done && ' \t\r\n'.includes(this.#text[this.#at] ?? '')) this.#at += 1;
  }

  value(where: string): void {
    this.space();
    const char = this.#peek();
    if (char === OPEN_BRACE) this.#object();
    else if (char === OPEN_BRACKET) this.#list();
    else if (char === QUOTE) this.#string();
    else if (char === 0x74) this.#literal('true');
    else if (char === 0x66) this.#literal('false');
    else if (char === 0x6e) this.#literal('null');
    else if (char === 0x2d || isDigit(char)) this.#number();
    else this.fail(where);
  }

  #object(): void {
    this.#at += 1;
    this.space();
    if (this.#peek() === CLOSE_BRACE) {
      this.#at += 1;
      return;
    }
    for (;;) {
      this.space();
      if (this.#peek() !== QUOTE) this.fail('looking for beginning of object key string');
      this.#string();
      this.space();
      if (this.#peek() !== COLON) this.fail('after object key');
      this.#at += 1;
      this.value('looking for beginning of value');
      this.space();
      const char = this.#peek();
      if (char !== COMMA && char !== CLOSE_BRACE) this.fail('after object key:value pair');
      this.#at += 1;
      if (char === CLOSE_BRACE) return;
    }
  }

  #list(): void {
    this.#at += 1;
    this.space();
    if (this.#peek() === CLOSE_BRACKET) {
      this.#at += 1;
      return;
    }
    for (;;) {
      this.value('looking for beginning of value');
      this.space();
      const char = this.#peek();
      if (char !== COMMA && char !== CLOSE_BRACKET) this.fail('after array element');
      this.#at += 1;
      if (char === CLOSE_BRACKET) return;
    }
  }

  #string(): void {
    for (this.#at += 1; !this.done; this.#at += 1) {
      const char = this.#peek();
      if (char === QUOTE) {
        this.#at += 1;
        return;
      }
      if (char < 0x20) this.fail('in string literal');
      if (char !== BACKSLASH) continue;
      this.#at += 1;
      if (this.#text[this.#at] === 'u') {
        for (let digit = 0; digit < 4; digit += 1) {
          this.#at += 1;
          if (!/[0-9a-fA-F]/.test(this.#text[this.#at] ?? ''))
            this.fail('in \\u hexadecimal character escape');
        }
      } else if (this.done || !'"\\/bfnrt'.includes(this.#text[this.#at] ?? '')) {
        this.fail('in string escape code');
      }
    }
    this.fail('');
  }

  #literal(word: string): void {
    for (let at = 1; at < word.length; at += 1) {
      this.#at += 1;
      if (this.#text[this.#at] !== word[at])
        this.fail(`in literal ${word} (expecting ${quoted(word[at] ?? '')})`);
    }
    this.#at += 1;
  }

  #number(): void {
    if (this.#peek() === 0x2d) {
      this.#at += 1;
      if (!isDigit(this.#peek())) this.fail('in numeric literal');
    }
    if (this.#peek() === 0x30) this.#at += 1;
    else this.#digits();
    if (this.#peek() === 0x2e) {
      this.#at += 1;
      if (!isDigit(this.#peek())) this.fail('after decimal point in numeric literal');
      this.#digits();
    }
    if (this.#peek() === 0x65 || this.#peek() === 0x45) {
      this.#at += 1;
      if (this.#peek() === 0x2b || this.#peek() === 0x2d) this.#at += 1;
      if (!isDigit(this.#peek())) this.fail('in exponent of numeric literal');
      this.#digits();
    }
  }

  #digits(): void {
    while (isDigit(this.#peek())) this.#at += 1;
  }
}

function isDigit(char: number): boolean {
  return char >= 0x30 && char <= 0x39;
}

/** A character as Go's scanner quotes it. */
function quoted(char: string): string {
  if (char === "'") return `'\\''`;
  if (char === '"') return `'"'`;
  return `'${JSON.stringify(char).slice(1, -1)}'`;
}
