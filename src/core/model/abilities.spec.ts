import { describe, expect, it } from '@jest/globals';
import { abilitiesOf, strategyOf } from './abilities.js';
import type { ProcessState } from './process.js';
import { database } from './spec-targets.js';
import type { Target } from './target.js';

/** A target whose vendor ends only processes in these states. */
function ending(...states: readonly ProcessState[]): Target {
  const { target } = database({ n1: [] });
  return { ...target, kill: { ...target.kill!, states: new Set(states) } };
}

describe('a flush that looks, chooses and kills', () => {
  it('is offered where the vendor can end any process', () => {
    const { target } = database({ n1: [] });
    expect([strategyOf(target, 'graceful'), strategyOf(target, 'forced')]).toEqual(['selective', 'selective']);
  });

  it('is never graceful where the idle cannot be ended, nor forced where anybody cannot', () => {
    const target = ending('active');
    expect([strategyOf(target, 'graceful'), strategyOf(target, 'forced')]).toEqual([null, null]);
    expect(abilitiesOf(target)).toEqual(['look', 'kill']);
  });

  it('is graceful where only the idle can be ended', () => {
    const target = ending('idle');
    expect([strategyOf(target, 'graceful'), strategyOf(target, 'forced')]).toEqual(
      ['graceful', null].map((one) => one && 'selective'),
    );
  });
});
