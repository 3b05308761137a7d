/**
 * Bundles the program into `dist/`: one start then reads a few files instead of several hundred, and runs without a
 * transpiler. Made by `npm ci` (prepare); bin.js uses it as long as no source is newer.
 */
import { build } from 'esbuild';
import { copyFile, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

await rm(`${root}dist`, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: ['api/main.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  sourcemap: 'linked',
  logLevel: 'warning',
});
await copyFile(`${root}api/protobuf-fields.json`, `${root}dist/protobuf-fields.json`);
