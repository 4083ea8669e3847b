import { describe, expect, it } from '@jest/globals';
import { maskedQuery, maskedText } from './masking.ts';

describe('masking', () => {
  it.each([
    ['api=login&uid=u&pswd=P%26&kill=no', 'api=login&uid=u&pswd=***&kill=no'],
    ['pswd=a=b&sid=7', 'pswd=***&sid=***'],
    ['%70swd=a&PSWD=b', '%70swd=***&PSWD=***'],
    ['access_token=x&%zz=1&empty', 'access_token=***&%zz=1&empty'],
    ['', ''],
  ])('the query %s', (query, masked) => {
    expect(maskedQuery(query)).toBe(masked);
  });

  it.each([
    ['<out><sid>70</sid><pswd>___9f</pswd><msg>m</msg></out>', '<out><sid>***</sid><pswd>***</pswd><msg>m</msg></out>'],
    ['<pswd>cut o', '<pswd>***'],
    ['{"user":{"name":"n","password":"a\\"b"}}', '{"user":{"name":"n","password":"***"}}'],
    ['{"password" : "cut o', '{"password" : "***"'],
    ['{"token":{"methods":["password"]}}', '{"token":{"methods":["password"]}}'],
  ])('the text %s', (text, masked) => {
    expect(maskedText(text)).toBe(masked);
  });
});
