import { spawnSync } from 'node:child_process';

/**
 * Ends this script in one line if a tool of the system is missing: in CI that is a failure, elsewhere nothing is
 * checked.
 */
export function needTool(name: string, script: string): void {
  const { error } = spawnSync(name, ['--version'], { stdio: 'ignore' });
  if (!error) return;
  process.stderr.write(
    `${script}: ${name} is not installed (Debian's package prometheus has it), nothing was checked.\n`,
  );
  process.exit(process.env.CI === 'true' ? 1 : 0);
}

/** What was found wrong, told at the end. */
export class Findings {
  readonly #found: string[] = [];

  add(finding: string): void {
    this.#found.push(finding);
  }

  /** Tells all of them, or the sentence that says what is in order, and sets the exit code. */
  tell(inOrder: string): void {
    for (const finding of this.#found) process.stderr.write(`${finding}\n`);
    if (this.#found.length > 0) process.exitCode = 1;
    process.stdout.write(this.#found.length > 0 ? `${this.#found.length} findings.\n` : `${inOrder}\n`);
  }
}
