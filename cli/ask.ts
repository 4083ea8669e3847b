import { createInterface } from 'node:readline';
import type { Operation } from '../clients/typescript/src/sluice.ts';
import { shortDuration } from './duration.ts';

/** Asks a question that only `y` or `yes` answers with yes. Nobody there is a no. */
export async function confirm(question: string): Promise<boolean> {
  const reader = createInterface({ input: process.stdin, output: process.stderr, terminal: process.stdin.isTTY });
  const line = await new Promise<string>((resolve) => {
    reader.once('close', () => {
      resolve('');
    });
    reader.question(`${question} [y/N] `, resolve);
  });
  reader.close();
  if (!process.stdin.isTTY) process.stderr.write('\n');
  return /^y(?:es)?$/i.test(line.trim());
}

/** One line that tells how far an operation is, on a terminal; elsewhere nothing until the end. */
export function progressLine(): { tell(operation: Operation): void; clear(): void } {
  const { stderr } = process;
  const started = Date.now();
  let isShown = false;
  return {
    tell: (operation) => {
      if (!stderr.isTTY || operation.state !== 'running') return;
      const { ended, failed, unknown } = operation.counts;
      const parts = [
        `${String(ended ?? 0)} ended`,
        ...(failed ? [`${String(failed)} failed`] : []),
        ...(unknown ? [`${String(unknown)} unknown`] : []),
      ];
      const over = operation.targets.filter(({ state }) => state !== 'running').length;
      stderr.write(
        `\r\x1b[K${operation.id} is running for ${shortDuration((Date.now() - started) / 1000)}: ${parts.join(', ')}; ` +
          `${String(over)} of ${String(operation.targets.length)} targets done`,
      );
      isShown = true;
    },
    clear: () => {
      if (isShown) stderr.write('\r\x1b[K');
    },
  };
}
