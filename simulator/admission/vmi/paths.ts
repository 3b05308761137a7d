import type { StatusCause } from '../../types/meta.ts';
import { invalid } from '../causes.ts';

/** A file in a container image: absolute, not the root, nothing relative in it (storage/admitters ValidatePath). */
export function validatePath(causes: StatusCause[], field: string, path: string): void {
  if (path === '/') {
    causes.push(invalid(`${field} must not point to root`, field));
  } else if (cleaned(path) !== path.replace(/\/$/, '')) {
    causes.push(invalid(`${field} must be an absolute path to a file without relative components`, field));
  }
}

/** The shortest absolute spelling of a path (Go's filepath.Join("/", path)). */
function cleaned(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
