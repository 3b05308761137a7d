#!/usr/bin/env node
// Runs the bundle that `npm ci` made, unless a source has changed since: then tsx runs the sources as they are.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bundle = join(root, 'dist', 'main.js');

function modified(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function isFresh() {
  const built = modified(bundle);
  if (built === 0) return false;
  for (const folder of ['api', 'scenarios', 'simulator']) {
    for (const entry of readdirSync(join(root, folder), { recursive: true })) {
      if (modified(join(root, folder, entry)) > built) return false;
    }
  }
  return true;
}

if (isFresh()) {
  await import(bundle);
} else {
  // A first start without the install step's work: schemas first, they are read while modules load.
  if (modified(join(root, 'simulator', 'schemas', 'generated')) === 0) {
    const { spawnSync } = await import('node:child_process');
    const generator = join(root, 'simulator', 'schemas', 'generator', 'main.ts');
    const { status } = spawnSync(process.execPath, ['--import', 'tsx', generator], {
      cwd: root,
      stdio: 'inherit',
    });
    if (status !== 0) process.exit(status ?? 1);
  }
  const { register } = await import('tsx/esm/api');
  register();
  await import('./main.ts');
}
