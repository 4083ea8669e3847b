import 'reflect-metadata';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret, secretText } from './secret.js';
import { rereadSecrets, SecretReference } from './secret.config.js';

let folder: string;
const told: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-secret-'));
  told.length = 0;
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const put = (name: string, text: string): void => {
  writeFileSync(join(folder, name), text);
};

function referenceTo(name: string, text: string): SecretReference {
  put(name, text);
  const reference = Object.assign(new SecretReference(), { file: join(folder, name) });
  reference.resolve(new Secret(text));
  reference.onReread((reread) => told.push(`${name} ${reread}`));
  return reference;
}

it('is used as its file says, without white space, and the one before is known for a while', async () => {
  const reference = referenceTo('a', 'one');
  expect(await rereadSecrets([reference])).toBe(false);
  put('a', ' two\n');
  expect(await rereadSecrets([reference])).toBe(true);
  expect([reference.secret.reveal(), reference.reveals(), told]).toEqual(['two', ['two', 'one'], ['a changed']]);
});

it('stays what it was while its file is empty or not there', async () => {
  const reference = referenceTo('a', 'one');
  put('a', ' \n');
  expect(await rereadSecrets([reference])).toBe(false);
  rmSync(join(folder, 'a'));
  expect(await rereadSecrets([reference])).toBe(false);
  expect([reference.secret.reveal(), told]).toEqual(['one', ['a empty', 'a unreadable']]);
});

it('changes with those that it belongs to, or not at all', async () => {
  const [access, key] = [referenceTo('access', 'a1'), referenceTo('key', 'k1')];
  put('access', 'a2');
  put('key', '');
  expect(await rereadSecrets([access, key])).toBe(false);
  expect(access.secret.reveal()).toBe('a1');
  put('key', 'k2');
  expect(await rereadSecrets([access, key])).toBe(true);
  expect([access.secret.reveal(), key.secret.reveal()]).toEqual(['a2', 'k2']);
});

it('of the environment stays', async () => {
  const reference = Object.assign(new SecretReference(), { env: 'X' });
  reference.resolve(new Secret('one'));
  expect(await rereadSecrets([reference])).toBe(false);
});

it.each<[string, Buffer, string | null]>([
  ['UTF-8', Buffer.from(' pässword1\n'), 'pässword1'],
  ['UTF-8 with a mark', Buffer.from('\ufeffpassword1\n'), 'password1'],
  ['Latin-1', Buffer.from('pässword1', 'latin1'), null],
  ['UTF-16 with a mark', Buffer.from('\ufeffpassword1', 'utf16le'), null],
  ['UTF-16 without a mark', Buffer.from('password1', 'utf16le'), null],
])('is read from a file in %s, or not', (_name, bytes, text) => {
  expect(secretText(bytes)).toBe(text);
});

it('stays what it was while its file is in another encoding', async () => {
  const reference = referenceTo('a', 'one');
  writeFileSync(join(folder, 'a'), Buffer.from('two', 'utf16le'));
  expect(await rereadSecrets([reference])).toBe(false);
  expect([reference.secret.reveal(), told]).toEqual(['one', ['a unreadable']]);
});
