/** Virtual time and how Kubernetes prints it. */
import type { Millis, Timestamp } from '../types/meta.ts';

export const SECOND: Millis = 1_000;
export const MINUTE: Millis = 60 * SECOND;
export const HOUR: Millis = 60 * MINUTE;

/** metav1.Time: whole seconds, `2026-01-01T00:00:00Z`. Rounds down. */
export function timestamp(at: Millis): Timestamp {
  const second = Math.floor(at / SECOND);
  if (second !== printed.second) {
    printed = { second, text: `${new Date(second * SECOND).toISOString().slice(0, 19)}Z` };
  }
  return printed.text;
}

/** The last second printed: most writes of an instant ask for the same one. */
let printed: { second: number; text: Timestamp } = { second: Number.NaN, text: '' };

/** metav1.MicroTime: `2026-01-01T00:00:00.123000Z`. */
export function microTimestamp(at: Millis): string {
  return `${new Date(at).toISOString().slice(0, 23)}000Z`;
}

/** Milliseconds of an RFC 3339 text; NaN when it is none. */
export function parseTimestamp(text: string): Millis {
  return Date.parse(text);
}

const UNITS: Record<string, Millis> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: SECOND, m: MINUTE, h: HOUR };

/**
 * Reads a Go duration: `1h30m`, `500ms`, `1.5s`, `0`.
 * @throws RangeError for anything else, naming it.
 */
export function parseDuration(text: string): Millis {
  const bad = () => new RangeError(`${JSON.stringify(text)} is not a duration such as 1h30m, 90s or 500ms`);
  if (text === '0') return 0;
  const negative = text.startsWith('-');
  const body = text.replace(/^[+-]/, '');
  if (!/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(body)) throw bad();
  let total = 0;
  for (const [, amount = '', unit = ''] of body.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)) {
    total += Number(amount) * (UNITS[unit] ?? 0);
  }
  return negative ? -total : total;
}

/** Ages as kubectl prints them (apimachinery pkg/util/duration HumanDuration): `119s`, `5m30s`, `3h20m`, `5d3h`. */
export function humanDuration(span: Millis): string {
  if (span <= -2 * SECOND) return '<invalid>';
  if (span < 0) return '0s';
  const seconds = Math.floor(span / SECOND);
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return withRest(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return withRest(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(hours / 24);
  if (hours < 192) return withRest(days, 'd', hours % 24, 'h');
  if (days < 365 * 2) return `${days}d`;
  const years = Math.floor(days / 365);
  if (days < 365 * 8) return withRest(years, 'y', days % 365, 'd');
  return `${years}y`;
}

function withRest(value: number, unit: string, rest: number, restUnit: string): string {
  return rest === 0 ? `${value}${unit}` : `${value}${unit}${rest}${restUnit}`;
}
