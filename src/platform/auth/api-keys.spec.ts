import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { roleOn } from '../../core/model/caller.js';
import { ApiKeys } from './api-keys.js';
import type { ApiKeyConfig } from './auth.config.js';

const now = Date.parse('2026-11-21T12:00:00Z');

function keyOf(key: string, name: string, more: Partial<ApiKeyConfig> = {}): ApiKeyConfig {
  const sha256 = createHash('sha256').update(key).digest('hex');
  return { name, sha256, grants: [{ role: 'viewer', targets: ['*'] }], ...more };
}

describe('an API key', () => {
  it('tells who calls, and what is granted by this key', () => {
    const keys = new ApiKeys([
      keyOf('one', 'app'),
      keyOf('two', 'app', { grants: [{ role: 'admin', targets: ['bi-*'] }] }),
      keyOf('three', 'other'),
    ]);
    expect(['one', 'two', 'three'].map((key) => keys.callerOf(key, now).name)).toEqual(['app', 'app', 'other']);
    expect(['one', 'two'].map((key) => roleOn(keys.callerOf(key, now), 'bi-pool'))).toEqual(['viewer', 'admin']);
    expect(roleOn(keys.callerOf('two', now), 'orders')).toBeNull();
  });

  it('may be any text, and its hash in any case', () => {
    const key = 'ключ 😀 \u0000';
    const { sha256 } = keyOf(key, 'app');
    const keys = new ApiKeys([keyOf(key, 'app', { sha256: sha256.toUpperCase() })]);
    expect(keys.callerOf(key, now).name).toBe('app');
  });

  it.each(['', 'on', 'one ', 'One', createHash('sha256').update('one').digest('hex')])('is not "%s"', (key) => {
    const keys = new ApiKeys([keyOf('one', 'app')]);
    expect(() => keys.callerOf(key, now)).toThrow('The API key is not known.');
  });

  it('opens nothing where none is configured', () => {
    expect(() => new ApiKeys([]).callerOf('', now)).toThrow('The API key is not known.');
  });

  it('ends when it says', () => {
    const keys = new ApiKeys([keyOf('one', 'app', { expiresAt: '2026-11-21T13:00:00+01:00' })]);
    expect(keys.callerOf('one', now - 1).name).toBe('app');
    for (const later of [now, now + 1]) expect(() => keys.callerOf('one', later)).toThrow('The API key has expired.');
  });
});
