/**
 * Sets of field paths (structured-merge-diff fieldpath.Set). A node is one path element under its FieldsV1 name
 * (`f:spec`, `k:{"name":"a"}`, `v:"x"`, `i:0`); a path is in the set where its last node is a member.
 */
import type { JsonObject } from '../types/meta.ts';
import { isObject } from './decode.ts';
import { quote } from './go-format.ts';

export interface FieldNode {
  readonly member: boolean;
  readonly children: FieldSet;
}

export type FieldSet = ReadonlyMap<string, FieldNode>;

export const EMPTY_SET: FieldSet = new Map();
const MEMBER: FieldNode = { member: true, children: EMPTY_SET };

/** Collects paths; the walkers share one path that they extend and shorten. */
export class FieldSetBuilder {
  readonly #root: Building = { member: false, children: new Map() };

  add(path: readonly string[]): void {
    let node = this.#root;
    for (const element of path) {
      let child = node.children.get(element);
      if (!child) {
        child = { member: false, children: new Map() };
        node.children.set(element, child);
      }
      node = child;
    }
    node.member = true;
  }

  get set(): FieldSet {
    return this.#root.children;
  }
}

interface Building {
  member: boolean;
  children: Map<string, Building>;
}

export function setOf(...paths: readonly (readonly string[])[]): FieldSet {
  const builder = new FieldSetBuilder();
  for (const path of paths) builder.add(path);
  return builder.set;
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a.size === 0) return b;
  if (b.size === 0) return a;
  const result = new Map(a);
  for (const [element, node] of b) {
    const other = result.get(element);
    result.set(
      element,
      other ? { member: node.member || other.member, children: union(other.children, node.children) } : node,
    );
  }
  return result;
}

/** What is in `a` and not in `b`, path by path. */
export function minus(a: FieldSet, b: FieldSet): FieldSet {
  if (a.size === 0 || b.size === 0) return a;
  const result = new Map<string, FieldNode>();
  for (const [element, node] of a) {
    const other = b.get(element);
    if (!other) result.set(element, node);
    else keep(result, element, node.member && !other.member, minus(node.children, other.children));
  }
  return result;
}

/** What is in `a` and neither in `b` nor below a path in `b`. */
export function minusDeep(a: FieldSet, b: FieldSet): FieldSet {
  const result = new Map<string, FieldNode>();
  for (const [element, node] of a) {
    const other = b.get(element);
    if (!other) result.set(element, node);
    else if (!other.member) keep(result, element, node.member, minusDeep(node.children, other.children));
  }
  return result;
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const result = new Map<string, FieldNode>();
  for (const [element, node] of a) {
    const other = b.get(element);
    if (other)
      keep(result, element, node.member && other.member, intersection(node.children, other.children));
  }
  return result;
}

function keep(result: Map<string, FieldNode>, element: string, member: boolean, children: FieldSet): void {
  if (!member && children.size === 0) return;
  result.set(element, member && children.size === 0 ? MEMBER : { member, children });
}

/** All paths in order. */
export function pathsOf(set: FieldSet, prefix: readonly string[] = []): string[][] {
  const paths: string[][] = [];
  for (const [element, node] of sorted(set)) {
    const path = [...prefix, element];
    if (node.member) paths.push(path);
    paths.push(...pathsOf(node.children, path));
  }
  return paths;
}

function sorted(set: FieldSet): [string, FieldNode][] {
  return [...set].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** As `managedFields[].fieldsV1` holds it. */
export function encodeSet(set: FieldSet): JsonObject {
  const result: JsonObject = {};
  for (const [element, node] of sorted(set)) {
    const children = encodeSet(node.children);
    result[element] = node.member && node.children.size > 0 ? { '.': {}, ...children } : children;
  }
  return result;
}

export function decodeSet(fields: JsonObject | undefined): FieldSet {
  if (!fields) return EMPTY_SET;
  const set = new Map<string, FieldNode>();
  for (const [element, value] of Object.entries(fields)) {
    if (element === '.' || !isObject(value)) continue;
    const children = decodeSet(value);
    set.set(element, children.size === 0 ? MEMBER : { member: '.' in value, children });
  }
  return set;
}

/** A path as conflicts name it: `.spec.containers[name="a"].image`. */
export function printPath(path: readonly string[]): string {
  return path.map(printElement).join('');
}

function printElement(element: string): string {
  const value = element.slice(2);
  switch (element[0]) {
    case 'f':
      return `.${value}`;
    case 'k': {
      const keys = Object.entries(JSON.parse(value) as JsonObject);
      return `[${keys.map(([key, item]) => `${key}=${printScalar(item)}`).join(',')}]`;
    }
    case 'v':
      return `[=${printScalar(JSON.parse(value))}]`;
    default:
      return `[${value}]`;
  }
}

function printScalar(value: unknown): string {
  return typeof value === 'string' ? quote(value) : JSON.stringify(value);
}
