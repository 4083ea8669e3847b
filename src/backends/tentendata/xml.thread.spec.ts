import { describe, expect, it } from '@jest/globals';
import type { Call } from '../../core/model/target.js';
import { systemClock, type Clock } from '../../core/model/clock.js';
import { readOut } from './xml.reader.js';
import { readBeside } from './xml.thread.js';

const member = (at: number): string =>
  `<user uid="m${String(at)}" loggedin="1" free="&lt;0&#233;" marked="1">\u00e9</user>`;
const list = (members: number): string =>
  `<out><rc>0</rc><msg>OK</msg><users>${Array.from({ length: members }, (_, at) => member(at)).join('')}</users></out>`;

function callFor(milliseconds: number, signal = new AbortController().signal): Call {
  return { requestId: 'r1', signal, deadline: systemClock.now() + milliseconds };
}

/** A clock on which waiting takes no time. */
const over: Clock = { now: () => systemClock.now(), sleep: () => Promise.resolve() };

describe('a document that a thread reads', () => {
  it.each([
    ['a list', list(2000)],
    ['a list that is cut off', list(2000).slice(0, -20)],
    ['another root', list(2000).replaceAll('out>', 'in>')],
    ['a document type', `<!DOCTYPE out>${list(2000)}`],
    ['a closing that never comes', `<out><rc>0</rc>${'<a>'.repeat(20_000)}`],
    ['nothing', ''],
  ])('is read as it would be here: %s', async (_name, text) => {
    expect(await readBeside(text, callFor(60_000), systemClock)).toEqual(readOut(text));
  });

  it('is given up when the time is over', async () => {
    await expect(readBeside(list(2000), callFor(60_000), over)).rejects.toMatchObject({ kind: 'upstream-timeout' });
  });

  it('waits for the one before it, and for no longer than its call lasts', async () => {
    const first = readBeside(list(2000), callFor(60_000), systemClock);
    const late = readBeside(list(2000), callFor(0), systemClock);
    const second = readBeside(list(3), callFor(60_000), systemClock);
    await expect(late).rejects.toMatchObject({ kind: 'overloaded' });
    expect([await first, await second]).toEqual([readOut(list(2000)), readOut(list(3))]);
  });

  it('is not begun for a caller who went away', async () => {
    const gone = new AbortController();
    const first = readBeside(list(2000), callFor(60_000), systemClock);
    const other = readBeside(list(2000), callFor(60_000, gone.signal), systemClock);
    gone.abort();
    await expect(other).rejects.toMatchObject({ kind: 'request-timeout' });
    expect(await first).toEqual(readOut(list(2000)));
  });
});
