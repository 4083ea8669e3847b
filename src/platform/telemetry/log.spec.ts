import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { LineWriter } from './line-writer.js';
import { openLog } from './log.js';

describe('the log', () => {
  it('is one line an event, for whatever ends lines somewhere, and tells the same', () => {
    const written: string[] = [];
    const log = openLog('info', '1.2.3', { write: (text) => void written.push(text) });
    const detail = 'a\u2028b\u2029c\u0085d\ne';
    log.info({ detail }, 'said');
    expect(written[0]?.split(/[\n\r\u0085\u2028\u2029]/)).toEqual([expect.stringMatching(/^\{.*\}$/), '']);
    expect(JSON.parse(written[0] ?? '')).toMatchObject({ detail, msg: 'said' });
  });

  it('is written once a turn, and at once when it is fatal', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'log-'));
    const file = join(folder, 'lines');
    const messages = (): string[] => readFileSync(file, 'utf8').match(/(?<="msg":")\w+/g) ?? [];
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    const log = openLog('info', '1.2.3', new LineWriter(openSync(file, 'w')));
    log.info('one');
    log.info('two');
    expect(messages()).toEqual([]);
    await turn();
    expect(messages()).toEqual(['one', 'two']);
    log.info('three');
    log.fatal('four');
    expect(messages()).toEqual(['one', 'two', 'three', 'four']);
    await turn();
    log.info('five');
    await turn();
    expect(messages()).toEqual(['one', 'two', 'three', 'four', 'five']);
    log.info({ long: 'x'.repeat(9000) }, 'six');
    expect(messages().at(-1)).toBe('six');
    rmSync(folder, { recursive: true });
  });
});
