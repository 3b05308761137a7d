/** Writes `schema.json` anew from the table that the parser uses: `node --import tsx scenarios/write-schema.ts`. */
import { writeFileSync } from 'node:fs';
import { scenarioSchema } from './index.ts';

writeFileSync(new URL('schema.json', import.meta.url), `${JSON.stringify(scenarioSchema(), null, 2)}\n`);
