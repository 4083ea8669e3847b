/** The oldest Node that runs the program. */
const oldestNode = 26;
/** The same signal again within so many milliseconds is the same one: `npm start` passes on what its group was sent. */
const sameSignalMs = 1000;

/** Told of the first signal that asks the program to stop. */
type Stop = (signal: NodeJS.Signals) => void;

// While it starts there is nothing to lose.
let stop: Stop = () => process.exit(0);
let first: { signal: string; at: number } | null = null;

// Before anything is imported, which takes time: process 1 has no handler but its own. This file is read by an old
// Node, too.
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    const now = performance.now();
    if (first === null) {
      first = { signal, at: now };
      stop(signal);
    } else if (first.signal !== signal || now - first.at > sameSignalMs) {
      end('Stopped at once, by a second signal.');
    }
  });
}

if (Number(process.versions.node.split('.')[0]) < oldestNode) {
  end(`Sluice needs Node ${String(oldestNode)} or newer, this is ${process.versions.node}: start it by \`npm start\`.`);
}

import('./program.js').then(
  ({ run }) =>
    run((handler) => {
      stop = handler;
    }),
  (thrown: unknown) => {
    // Its message names a file of ours that is missing.
    end(`Sluice could not be loaded: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  },
);

function end(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

export {};
