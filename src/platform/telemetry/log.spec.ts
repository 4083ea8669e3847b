import { describe, expect, it } from '@jest/globals';
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
});
