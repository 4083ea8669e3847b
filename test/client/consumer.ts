// A program as its users write one: compiled and run outside the tree, against a Sluice and against servers of its own.
import { withDoubles } from './with-doubles.js';
import { withSluice } from './with-sluice.js';

let failed = 0;
for (const [name, run] of Object.entries({ ...withSluice, ...withDoubles })) {
  try {
    await run();
    process.stdout.write(`ok ${name}\n`);
  } catch (thrown) {
    failed += 1;
    process.stdout.write(`not ok ${name}\n${thrown instanceof Error ? String(thrown.stack) : 'not an error'}\n`);
  }
}
process.exitCode = failed === 0 ? 0 : 1;
