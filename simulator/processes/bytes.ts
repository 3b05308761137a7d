/** Bytes and text: what processes read and write. */

const ENCODER = new TextEncoder();
const STRICT = new TextDecoder('utf-8', { fatal: true });
const LENIENT = new TextDecoder('utf-8');

export const NO_BYTES = new Uint8Array(0);

export function toBytes(text: string): Uint8Array {
  return ENCODER.encode(text);
}

/** What is no UTF-8 becomes replacement characters. */
export function toText(bytes: Uint8Array): string {
  return LENIENT.decode(bytes);
}

/** Undefined for bytes that no UTF-8 text has. */
export function toExactText(bytes: Uint8Array): string | undefined {
  try {
    const text = STRICT.decode(bytes);
    // A decoder swallows a byte order mark.
    return bytes[0] === 0xef && bytes[1] === 0xbb ? undefined : text;
  } catch {
    return undefined;
  }
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0] as Uint8Array;
  const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const CHUNK = 8192;

export function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += CHUNK) {
    binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  }
  return btoa(binary);
}

export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), character => character.charCodeAt(0));
}
