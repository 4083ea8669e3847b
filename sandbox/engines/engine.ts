import type { Emulator, PromptEmulator } from '../exchange.ts';

/**
 * A real server behind an emulator: what the server lists is what the emulator has, and what the emulator ends is ended
 * there.
 */
export interface Engine {
  /** Brings the emulator's state to what the server lists now. */
  load(): Promise<void>;
  /** Ends on the server what the emulator has ended since. */
  end(): Promise<void>;
}

/**
 * The emulator in front of that server. One request at a time, so that nothing changes between its list and its kills.
 */
export function inFrontOf(engine: Engine, emulator: PromptEmulator): Emulator {
  let last: Promise<unknown> = Promise.resolve();
  return {
    ...emulator,
    answer: (arrived) => {
      const turn = last.then(async () => {
        await engine.load();
        const reply = emulator.answer(arrived);
        await engine.end();
        return reply;
      });
      last = turn.catch(() => undefined);
      return turn;
    },
  };
}
