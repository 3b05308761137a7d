/** The grammar of a small POSIX shell: lists, pipelines, loops, conditions, groups, redirections, quotes, expansions. */

export type WordPart =
  | { readonly type: 'text'; readonly text: string; readonly quoted: boolean }
  | { readonly type: 'variable'; readonly name: string; readonly fallback?: string; readonly quoted: boolean }
  | { readonly type: 'command'; readonly list: List; readonly quoted: boolean }
  | { readonly type: 'arithmetic'; readonly text: string };
export type Word = readonly WordPart[];

export interface Redirection {
  readonly from: 'stdin' | 'stdout' | 'stderr';
  readonly append: boolean;
  /** Another of the three, or a file. */
  readonly to: 'stdout' | 'stderr' | Word;
}

export type Command =
  | {
      readonly type: 'simple';
      readonly assignments: readonly (readonly [string, Word])[];
      readonly words: readonly Word[];
      readonly redirections: readonly Redirection[];
    }
  | {
      readonly type: 'for';
      readonly variable: string;
      readonly words: readonly Word[];
      readonly body: List;
      readonly redirections: readonly Redirection[];
    }
  | {
      readonly type: 'while';
      readonly until: boolean;
      readonly condition: List;
      readonly body: List;
      readonly redirections: readonly Redirection[];
    }
  | {
      readonly type: 'if';
      readonly branches: readonly { readonly condition: List; readonly body: List }[];
      readonly otherwise?: List;
      readonly redirections: readonly Redirection[];
    }
  | {
      readonly type: 'group';
      readonly body: List;
      readonly subshell: boolean;
      readonly redirections: readonly Redirection[];
    };

export interface Pipeline {
  readonly commands: readonly Command[];
  readonly negated: boolean;
  /** What comes between it and the one before. */
  readonly after: ';' | '&&' | '||';
}
export type List = readonly Pipeline[];

export class SyntaxProblem extends Error {
  override readonly name = 'SyntaxProblem';
}

/** More input would help: an open quote, a loop without its end. */
export class Incomplete extends SyntaxProblem {}

const OPERATORS = ['&&', '||', '>>', ';', '\n', '|', '&', '(', ')', '<', '>'];
const RESERVED = new Set(['then', 'elif', 'else', 'fi', 'do', 'done', '}']);

type Token = { readonly operator: string } | { readonly word: Word; readonly plain?: string };

/** @throws SyntaxProblem for what this shell cannot read, Incomplete where the text ends too early. */
export function parseScript(text: string): List {
  const parser = new Parser(new Lexer(text).tokens());
  const list = parser.list();
  parser.expectEnd();
  return list;
}

class Lexer {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  tokens(): Token[] {
    const found: Token[] = [];
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined) return found;
      if (character === ' ' || character === '\t' || character === '\r') {
        this.#at += 1;
      } else if (character === '#') {
        while (this.#at < this.#text.length && this.#text[this.#at] !== '\n') this.#at += 1;
      } else if (character === '\\' && this.#text[this.#at + 1] === '\n') {
        this.#at += 2;
      } else {
        const number = /^[12](?=[<>])/.exec(this.#text.slice(this.#at, this.#at + 2));
        const start = this.#at + (number ? 1 : 0);
        const operator = OPERATORS.find(each => this.#text.startsWith(each, start));
        if (operator) {
          this.#at = start + operator.length;
          found.push({ operator: `${number?.[0] ?? ''}${operator}` });
        } else {
          found.push(this.#word());
        }
      }
    }
  }

  #word(): Token {
    const parts: WordPart[] = [];
    let plain = '';
    let isPlain = true;
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined || ' \t\r\n;|&()<>'.includes(character)) break;
      if (character === '\\') {
        parts.push({ type: 'text', text: this.#text[this.#at + 1] ?? '', quoted: true });
        this.#at += 2;
        isPlain = false;
      } else if (character === "'") {
        const end = this.#text.indexOf("'", this.#at + 1);
        if (end < 0) throw new Incomplete('unterminated quoted string');
        parts.push({ type: 'text', text: this.#text.slice(this.#at + 1, end), quoted: true });
        this.#at = end + 1;
        isPlain = false;
      } else if (character === '"') {
        this.#at += 1;
        this.#quoted(parts);
        isPlain = false;
      } else if (character === '$' || character === '`') {
        parts.push(this.#expansion(false));
        isPlain = false;
      } else {
        const last = parts.at(-1);
        if (last?.type === 'text' && !last.quoted) {
          parts[parts.length - 1] = { ...last, text: last.text + character };
        } else {
          parts.push({ type: 'text', text: character, quoted: false });
        }
        plain += character;
        this.#at += 1;
      }
    }
    return isPlain ? { word: parts, plain } : { word: parts };
  }

  #quoted(parts: WordPart[]): void {
    let text = '';
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined) throw new Incomplete('unterminated quoted string');
      if (character === '"') break;
      if (character === '\\' && '$`"\\\n'.includes(this.#text[this.#at + 1] ?? ' ')) {
        if (this.#text[this.#at + 1] !== '\n') text += this.#text[this.#at + 1];
        this.#at += 2;
      } else if (character === '$' || character === '`') {
        parts.push({ type: 'text', text, quoted: true });
        text = '';
        parts.push(this.#expansion(true));
      } else {
        text += character;
        this.#at += 1;
      }
    }
    this.#at += 1;
    parts.push({ type: 'text', text, quoted: true });
  }

  #expansion(quoted: boolean): WordPart {
    const rest = this.#text.slice(this.#at);
    if (rest.startsWith('`')) {
      const end = rest.indexOf('`', 1);
      if (end < 0) throw new Incomplete('unterminated backquote');
      this.#at += end + 1;
      return { type: 'command', list: parseScript(rest.slice(1, end)), quoted };
    }
    if (rest.startsWith('$((')) {
      const end = rest.indexOf('))');
      if (end < 0) throw new Incomplete('missing ))');
      this.#at += end + 2;
      return { type: 'arithmetic', text: rest.slice(3, end) };
    }
    if (rest.startsWith('$(')) {
      const end = closing(rest, 1);
      this.#at += end + 1;
      return { type: 'command', list: parseScript(rest.slice(2, end)), quoted };
    }
    const braced = /^\$\{([A-Za-z_]\w*|[?$#@*0-9])(?::?-([^}]*))?\}/.exec(rest);
    const bare = braced ? undefined : /^\$([A-Za-z_]\w*|[?$#@*0-9!])/.exec(rest);
    const match = braced ?? bare;
    if (!match) {
      if (rest.startsWith('${')) throw new SyntaxProblem('bad substitution');
      this.#at += 1;
      return { type: 'text', text: '$', quoted: true };
    }
    this.#at += match[0].length;
    const fallback = match[2];
    return {
      type: 'variable',
      name: match[1] as string,
      quoted,
      ...(fallback === undefined ? {} : { fallback }),
    };
  }
}

/** The place of the parenthesis that closes the one at `open`. */
function closing(text: string, open: number): number {
  let depth = 0;
  let quote = '';
  for (let at = open; at < text.length; at += 1) {
    const character = text[at] as string;
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === "'" || character === '"') quote = character;
    else if (character === '(') depth += 1;
    else if (character === ')') {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  throw new Incomplete('missing )');
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  expectEnd(): void {
    const token = this.#tokens[this.#at];
    if (token) throw new SyntaxProblem(`syntax error: unexpected ${JSON.stringify(nameOf(token))}`);
  }

  list(): List {
    const pipelines: Pipeline[] = [];
    let after: Pipeline['after'] = ';';
    for (;;) {
      while (this.#operator(';') || this.#operator('\n')) after = ';';
      const token = this.#tokens[this.#at];
      if (!token || ('operator' in token ? token.operator === ')' : RESERVED.has(token.plain ?? ''))) {
        if (after !== ';' && !token) throw new Incomplete('unexpected end of file');
        return pipelines;
      }
      pipelines.push(this.#pipeline(after));
      if (this.#operator('&&')) after = '&&';
      else if (this.#operator('||')) after = '||';
      else if (this.#isOperator('&')) throw new SyntaxProblem('jobs in the background are not supported');
      else if (this.#operator(';') || this.#operator('\n')) after = ';';
      else return pipelines;
    }
  }

  #pipeline(after: Pipeline['after']): Pipeline {
    const negated = this.#keyword('!');
    const commands = [this.#command()];
    while (this.#operator('|')) {
      while (this.#operator('\n'));
      commands.push(this.#command());
    }
    return { commands, negated, after };
  }

  #command(): Command {
    const command = this.#compound() ?? this.#simple();
    return command.type === 'simple' ? command : { ...command, redirections: this.#redirections() };
  }

  #compound(): Command | undefined {
    if (this.#operator('(')) return this.#group(')', true);
    if (this.#keyword('{')) return this.#group('}', false);
    if (this.#keyword('for')) return this.#for();
    if (this.#keyword('while')) return this.#while(false);
    if (this.#keyword('until')) return this.#while(true);
    if (this.#keyword('if')) return this.#if();
    const token = this.#tokens[this.#at];
    if (token && 'plain' in token && (token.plain === 'case' || token.plain === 'function')) {
      throw new SyntaxProblem(`${token.plain} is not supported`);
    }
    return undefined;
  }

  #group(end: string, subshell: boolean): Command {
    const body = this.list();
    if (!(subshell ? this.#operator(end) : this.#keyword(end))) throw this.#missing(end);
    return { type: 'group', body, subshell, redirections: [] };
  }

  #for(): Command {
    const token = this.#tokens[this.#at++];
    const variable = token && 'plain' in token ? token.plain : undefined;
    if (variable === undefined) throw this.#missing('a variable');
    const words: Word[] = [];
    if (this.#keyword('in')) {
      for (let next = this.#tokens[this.#at]; next && 'word' in next; next = this.#tokens[this.#at]) {
        words.push(next.word);
        this.#at += 1;
      }
    }
    this.#separators();
    return { type: 'for', variable, words, body: this.#body('do', 'done'), redirections: [] };
  }

  #while(until: boolean): Command {
    const condition = this.list();
    return { type: 'while', until, condition, body: this.#body('do', 'done'), redirections: [] };
  }

  #body(start: string, end: string): List {
    if (!this.#keyword(start)) throw this.#missing(start);
    const body = this.list();
    if (!this.#keyword(end)) throw this.#missing(end);
    return body;
  }

  #if(): Command {
    const branches: { condition: List; body: List }[] = [];
    let otherwise: List | undefined;
    do {
      const condition = this.list();
      if (!this.#keyword('then')) throw this.#missing('then');
      branches.push({ condition, body: this.list() });
    } while (this.#keyword('elif'));
    if (this.#keyword('else')) otherwise = this.list();
    if (!this.#keyword('fi')) throw this.#missing('fi');
    return { type: 'if', branches, redirections: [], ...(otherwise ? { otherwise } : {}) };
  }

  #simple(): Command {
    const assignments: (readonly [string, Word])[] = [];
    const words: Word[] = [];
    const redirections: Redirection[] = [];
    for (let token = this.#tokens[this.#at]; token; token = this.#tokens[this.#at]) {
      if ('operator' in token) {
        const redirection = this.#redirection();
        if (!redirection) break;
        redirections.push(redirection);
        continue;
      }
      this.#at += 1;
      const assignment = words.length === 0 ? assignmentOf(token.word) : undefined;
      if (assignment) assignments.push(assignment);
      else words.push(token.word);
    }
    if (words.length + assignments.length + redirections.length === 0) throw this.#missing('a command');
    return { type: 'simple', assignments, words, redirections };
  }

  #redirections(): Redirection[] {
    const found: Redirection[] = [];
    for (let next = this.#redirection(); next; next = this.#redirection()) found.push(next);
    return found;
  }

  #redirection(): Redirection | undefined {
    const token = this.#tokens[this.#at];
    const match = token && 'operator' in token ? /^([12]?)(<|>>?)$/.exec(token.operator) : undefined;
    if (!match) return undefined;
    this.#at += 1;
    const from = match[2] === '<' ? 'stdin' : match[1] === '2' ? 'stderr' : 'stdout';
    const append = match[2] === '>>';
    if (this.#operator('&')) {
      const digit = this.#tokens[this.#at++];
      const plain = digit && 'plain' in digit ? digit.plain : undefined;
      if (plain === '1' || plain === '2') return { from, append, to: plain === '1' ? 'stdout' : 'stderr' };
      throw this.#missing('a file descriptor');
    }
    const target = this.#tokens[this.#at++];
    if (!target || !('word' in target)) throw this.#missing('a file name');
    return { from, append, to: target.word };
  }

  #separators(): void {
    while (this.#operator(';') || this.#operator('\n'));
  }

  #isOperator(text: string): boolean {
    const token = this.#tokens[this.#at];
    return token !== undefined && 'operator' in token && token.operator === text;
  }

  #operator(text: string): boolean {
    const found = this.#isOperator(text);
    if (found) this.#at += 1;
    return found;
  }

  #keyword(text: string): boolean {
    const token = this.#tokens[this.#at];
    const found = token !== undefined && 'plain' in token && token.plain === text;
    if (found) this.#at += 1;
    return found;
  }

  #missing(what: string): SyntaxProblem {
    const token = this.#tokens[this.#at];
    return token
      ? new SyntaxProblem(
          `syntax error: unexpected ${JSON.stringify(nameOf(token))} (expecting ${JSON.stringify(what)})`,
        )
      : new Incomplete(`syntax error: unexpected end of file (expecting ${JSON.stringify(what)})`);
  }
}

function nameOf(token: Token): string {
  return 'operator' in token ? token.operator.replace('\n', 'newline') : (token.plain ?? 'word');
}

function assignmentOf(word: Word): readonly [string, Word] | undefined {
  const [first, ...rest] = word;
  if (first?.type !== 'text' || first.quoted) return undefined;
  const match = /^([A-Za-z_]\w*)=/.exec(first.text);
  if (!match) return undefined;
  const value: WordPart = { type: 'text', text: first.text.slice(match[0].length), quoted: true };
  return [match[1] as string, [value, ...rest]];
}
