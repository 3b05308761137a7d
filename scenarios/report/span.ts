/** Spans of virtual time as people read them. */

/** A moment by its distance from another: `+1.5s`, `-2m0s`. */
export function formatOffset(time: number, from: number): string {
  return time < from ? `-${formatSpan(from - time)}` : `+${formatSpan(time - from)}`;
}

/** `0s`, `250ms`, `1.25s`, `2m30s`, `1h0m5s`. */
export function formatSpan(span: number): string {
  const millis = Math.round(span);
  if (millis < 1_000 && millis > 0) return `${millis}ms`;
  const seconds = millis / 1_000;
  if (seconds < 60) return `${seconds}s`;
  const rest = `${Math.round((seconds % 60) * 1_000) / 1_000}s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes}m${rest}` : `${Math.floor(minutes / 60)}h${minutes % 60}m${rest}`;
}
