/** `npm run bench`: the project's figures, with the machine they were taken on. `npm run bench -- vms` runs one part. */
import { describeMachine, print } from './report.ts';
import { benchHttps } from './https.ts';
import { benchStart } from './start.ts';
import { benchStore } from './store.ts';
import { benchVms } from './vms.ts';

const PARTS: Readonly<Record<string, () => Promise<void> | void>> = {
  start: benchStart,
  store: benchStore,
  vms: benchVms,
  https: benchHttps,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter(name => !(name in PARTS));
if (unknown.length > 0) {
  process.stderr.write(
    `no benchmark is called ${unknown.join(', ')}; there are ${Object.keys(PARTS).join(', ')}\n`,
  );
  process.exit(2);
}
print(describeMachine());
for (const [name, run] of Object.entries(PARTS)) {
  if (wanted.length === 0 || wanted.includes(name)) await run();
}
