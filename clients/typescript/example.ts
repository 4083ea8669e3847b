// Flushes the targets that are named, waits for the end and tells the outcome:
//   SLUICE_URL=http://127.0.0.1:8080 SLUICE_KEY=… node example.ts bi-pool ledger carts
import { createSluice } from './sluice.ts';

const { SLUICE_URL: url = 'http://127.0.0.1:8080', SLUICE_KEY: key = '' } = process.env;
const sluice = createSluice({ url, key });
const body = { targets: process.argv.slice(2), reason: 'nightly reload' };
const { data, error } = await sluice.POST('/sessions/flush', { body, params: { header: { Prefer: 'wait=10' } } });
if (error) {
  process.stderr.write(`${error.code}: ${error.detail}\n`);
  process.exit(1);
}
const { state, targets } = await sluice.follow(data);
for (const { target, state: outcome, effect, note } of targets) {
  process.stdout.write(`${target}: ${outcome}, ${effect}${note === null ? '' : ` (${note})`}\n`);
}
process.exitCode = state === 'succeeded' ? 0 : 2;
