// Writes operations until it is killed, and says on stdout what is surely written: the id alone once an operation has
// begun, and then the id with the number of each event.
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../src/core/model/failure.js';
import { begin, ended } from '../src/store/spec-operations.js';
import { openPostgres, openSqlite } from '../src/store/open.js';
import { postgres, sqlite } from '../src/store/sql/dialect.js';
import { SqlJournal } from '../src/store/sql/sql.journal.js';

const [engine, address = '', name = ''] = process.argv.slice(2);
const eventsEach = 5;
const sideBySide = 4;

const journal =
  engine === 'postgres'
    ? new SqlJournal(await openPostgres(() => ({ connectionString: address })), postgres)
    : new SqlJournal(await openSqlite(address), sqlite);

/**
 * A machine that is busy with much else may be too slow for the time that a journal takes; what it did not take is
 * tried again.
 */
async function insist(work: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await work();
      return;
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown;
      await sleep(20);
    }
  }
}

async function write(lane: number): Promise<never> {
  const owner = name;
  for (let made = 0; ; made += 1) {
    let tried = 0;
    let id = '';
    await insist(() => {
      tried += 1;
      id = `op_${name}_${String(lane)}_${String(made)}_${String(tried)}`;
      return begin(journal, id, { lease: { owner, now: Date.now(), until: Date.now() + 1e9 } });
    });
    process.stdout.write(`${id}\n`);
    for (let index = 0; index < eventsEach; index += 1) {
      const entry = { from: index + 1, events: [ended('pool', String(index))], isOver: false };
      await insist(() => journal.append(id, owner, entry));
      process.stdout.write(`${id} ${String(index)}\n`);
    }
  }
}

await Promise.all(Array.from({ length: sideBySide }, (_, lane) => write(lane)));
