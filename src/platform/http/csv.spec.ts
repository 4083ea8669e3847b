import { expect, it } from '@jest/globals';
import { csvLine } from './csv.js';

it.each<[Parameters<typeof csvLine>[0], string]>([
  [['a', 1, null, true, undefined], 'a,1,,true,'],
  [['a,b', 'say "no"', 'two\r\nlines'], '"a,b","say ""no""","two\r\nlines"'],
  [['=1+1', '+1', '-1', '@SUM(A1)'], "'=1+1,'+1,'-1,'@SUM(A1)"],
  [['  =1', '\t=1', '\u00a0=1', '\uff1d1'], "'  =1,'\t=1,'\u00a0=1,'\uff1d1"],
  [['\rx', '=HYPERLINK("http://x","y")'], '"\'\rx","\'=HYPERLINK(""http://x"",""y"")"'],
  [[-1, 'a=b', ' b'], '-1,a=b, b'],
])('%j is a line of CSV', (cells, line) => {
  expect(csvLine(cells)).toBe(`${line}\r\n`);
});
