import { Failure } from './failure.js';

/** How many processes one operation may choose, of all its targets together: that bounds its record. */
const mostChosen = 20_000;
/** How many processes of several targets it may see where all are looked at first. */
const mostSeen = 50_000;

/** Room in memory for the processes that operations see until they have ended. */
export class Room {
  readonly #most: number;
  #held = 0;

  constructor(most = Infinity) {
    this.#most = most;
  }

  /** What makes the room of each target of an operation. */
  forTargets(count: number): () => Holding {
    const all = { seen: 0, chosen: 0, isOne: count === 1 };
    return () => new Holding(this, all);
  }

  /** Throws Failure `overloaded` if there is not enough left. Who needs more than all waits until it is free. */
  take(count: number): void {
    if (this.#held > 0 && this.#held + count > this.#most) {
      const message = 'Operations under way see so many processes already that there is no room for more.';
      throw new Failure('overloaded', message, { retryAfterMs: 1000 });
    }
    this.#held += count;
  }

  give(count: number): void {
    this.#held -= count;
  }
}

/** The room that one target of an operation takes. */
export class Holding {
  readonly #room: Room;
  readonly #all: { seen: number; chosen: number; readonly isOne: boolean };
  #held = 0;
  #isOver = false;

  constructor(room: Room, all: { seen: number; chosen: number; readonly isOne: boolean }) {
    this.#room = room;
    this.#all = all;
  }

  /** Makes room for what was seen. Throws Failure if an operation may not be about so many, or there is no room. */
  hold(seen: number, chosen: number): void {
    this.#all.chosen += chosen;
    this.#all.seen += seen;
    if (this.#all.chosen > mostChosen) throw tooMany('chooses', mostChosen);
    if (!this.#all.isOne && this.#all.seen > mostSeen) throw tooMany('looks at', mostSeen);
    // Lists that arrive for a call that was refused are not kept.
    if (this.#isOver) return;
    this.#room.take(seen);
    this.#held += seen;
  }

  /** Gives the room back. */
  end(): void {
    this.#room.give(this.#held);
    this.#held = 0;
    this.#isOver = true;
  }
}

function tooMany(does: string, most: number): Failure {
  const message = `One call ${does} at most ${String(most)} processes: name fewer targets, or one node, or choose fewer.`;
  return new Failure('too-many-processes', message);
}
