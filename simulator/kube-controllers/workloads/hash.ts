/**
 * The hash in the names of replica sets and controller revisions: FNV-1a of 32 bits, printed in the alphabet of generated
 * names (kubernetes pkg/controller ComputeHash). What is hashed is the object's JSON with sorted fields where upstream
 * hashes a Go dump of it, so the values differ from a real cluster's; everything they are used for is the same.
 */
const SAFE = 'bcdfghjklmnpqrstvwxz2456789';

export function contentHash(value: unknown, collisionCount?: number): string {
  let hash = fold(0x811c9dc5, canonical(value));
  if (collisionCount !== undefined) hash = fold(hash, `#${collisionCount}`);
  return safeEncode(String(hash >>> 0));
}

/** Kubernetes' SafeEncodeString: every character becomes one that cannot spell anything. */
function safeEncode(text: string): string {
  let result = '';
  for (let at = 0; at < text.length; at += 1) result += SAFE[text.charCodeAt(at) % SAFE.length];
  return result;
}

function fold(seed: number, text: string): number {
  let hash = seed;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}

/** JSON whose text does not depend on the order in which fields were written. */
function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const fields = value as Record<string, unknown>;
  const parts = Object.keys(fields)
    .filter(name => fields[name] !== undefined)
    .sort()
    .map(name => `${JSON.stringify(name)}:${canonical(fields[name])}`);
  return `{${parts.join(',')}}`;
}
