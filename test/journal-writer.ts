// Writes operations until it is killed, and says on stdout what is surely written: the id alone once an operation has begun, and then
// the id with the number of each event.
import { begin, ended } from '../src/store/spec-operations.js';
import { openPostgres, openSqlite } from '../src/store/open.js';
import { SqlJournal } from '../src/store/sql.journal.js';

const [engine, address = '', name = ''] = process.argv.slice(2);
const eventsEach = 5;
const sideBySide = 4;

const journal =
  engine === 'postgres'
    ? new SqlJournal(await openPostgres(address), 'postgres')
    : new SqlJournal(await openSqlite(address), 'sqlite');

async function write(lane: number): Promise<never> {
  const owner = name;
  for (let made = 0; ; made += 1) {
    const id = `op_${name}_${String(lane)}_${String(made)}`;
    await begin(journal, id, { lease: { owner, until: Number.MAX_SAFE_INTEGER } });
    process.stdout.write(`${id}\n`);
    for (let index = 0; index < eventsEach; index += 1) {
      await journal.append(id, owner, { from: index + 1, events: [ended('pool', String(index))], isOver: false });
      process.stdout.write(`${id} ${String(index)}\n`);
    }
  }
}

await Promise.all(Array.from({ length: sideBySide }, (_, lane) => write(lane)));
