/** A user's list of nodes in YAML: ready-made profiles by name, or profiles written out. */
import { isNode, LineCounter, parseDocument, type Document } from 'yaml';
import type { Taint } from '../../types/core.ts';
import { parseHardwareProfile, parseTaint } from './parse-profile.ts';
import type { HardwareProfile } from './profile.ts';
import { readyMadeNames, readyMadeProfile } from './ready-made.ts';
import { Fields, HardwareError, type Path, suggest } from './strict.ts';

export interface NodeSpec {
  profile: HardwareProfile;
  /** How many machines of it. */
  count: number;
  /** Their names are the prefix and a number: `node01`, `node02`. With an explicit `name` there is one machine. */
  namePrefix: string;
  name?: string;
  zone?: string;
  region?: string;
}

const NAME = /^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/;
const PREFIX = /^[a-z0-9]([a-z0-9.-]{0,55})?$/;
/** Keys of an entry that names its profile; an entry with any other key is a profile written out. */
const PLACEMENT = ['count', 'namePrefix', 'zone', 'region'] as const;

/**
 * Reads a nodes file: a list, or a mapping with the list under `nodes`.
 * @throws Error with line and column, naming what is unknown, missing or out of range.
 */
export function parseNodesFile(text: string): NodeSpec[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [syntax] = document.errors;
  if (syntax) throw new Error(`${position(lines, syntax.pos[0])}: ${syntax.message}`);
  try {
    return readList(document.toJS());
  } catch (error) {
    if (!(error instanceof HardwareError)) throw error;
    throw new Error(`${position(lines, offsetOf(document, error.path))}: ${error.message}`, { cause: error });
  }
}

function readList(data: unknown): NodeSpec[] {
  const inList = Array.isArray(data);
  const fields = inList ? new Fields({ nodes: data }, []) : new Fields(data, []);
  // A bare list has no `nodes` key in its text, so paths must not name one.
  const specs = fields.list('nodes', (entry, path) => readEntry(entry, inList ? path.slice(1) : path));
  fields.end();
  if (specs.length === 0) throw new HardwareError(inList ? [] : ['nodes'], 'there are no nodes');
  return specs;
}

function readEntry(entry: unknown, path: Path): NodeSpec {
  const fields = new Fields(entry, path);
  const data = entry as Record<string, unknown>;
  if (!fields.has('profile')) {
    if (data.architecture === undefined && data.cpu === undefined) {
      fields.fail('profile', 'is missing (the name of a ready-made profile, or a profile written out)');
    }
    // The machine's own keys sit beside count and namePrefix.
    const machine = Object.fromEntries(
      Object.entries(data).filter(([key]) => !(PLACEMENT as readonly string[]).includes(key)),
    );
    return { profile: parseHardwareProfile(machine, path), ...placement(fields) };
  }
  const spec: NodeSpec = { profile: readProfile(fields), ...placement(fields) };
  const name = fields.text('name');
  if (name !== undefined) {
    if (!NAME.test(name)) fields.fail('name', `${JSON.stringify(name)} is no name for a node`);
    if (spec.count !== 1) fields.fail('name', `cannot serve ${spec.count} nodes: use namePrefix`);
    spec.name = name;
  }
  const labels = fields.map('labels');
  const annotations = fields.map('annotations');
  const taints: Taint[] | undefined = fields.has('taints') ? fields.list('taints', parseTaint) : undefined;
  const roles = fields.has('roles') ? fields.texts('roles') : undefined;
  fields.end();
  spec.profile = {
    ...spec.profile,
    labels: { ...spec.profile.labels, ...labels },
    annotations: { ...spec.profile.annotations, ...annotations },
    ...(taints && { taints }),
    ...(roles && { roles }),
  };
  return spec;
}

function readProfile(fields: Fields): HardwareProfile {
  const value = fields.raw('profile');
  if (typeof value !== 'string') return parseHardwareProfile(value, fields.at('profile'));
  const profile = readyMadeProfile(value);
  if (!profile)
    fields.fail('profile', `there is no profile ${JSON.stringify(value)}${suggest(value, readyMadeNames())}`);
  return profile;
}

function placement(fields: Fields): Omit<NodeSpec, 'profile'> {
  const namePrefix = fields.text('namePrefix') ?? 'node';
  if (!PREFIX.test(namePrefix))
    fields.fail('namePrefix', `${JSON.stringify(namePrefix)} cannot begin a node's name`);
  const zone = fields.text('zone');
  const region = fields.text('region');
  return {
    count: fields.count('count', 1, 1),
    namePrefix,
    ...(zone !== undefined && { zone }),
    ...(region !== undefined && { region }),
  };
}

/** The names of a spec's machines; `first` is the number of the first one. */
export function nodeNames({ name, namePrefix, count }: NodeSpec, first = 1): string[] {
  if (name !== undefined) return [name];
  return Array.from(
    { length: count },
    (_, index) => `${namePrefix}${String(first + index).padStart(2, '0')}`,
  );
}

function offsetOf(document: Document, path: Path): number {
  // What is missing has no place of its own: its nearest parent stands for it.
  for (let length = path.length; length >= 0; length -= 1) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

function position(lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `line ${line}, column ${col}`;
}
