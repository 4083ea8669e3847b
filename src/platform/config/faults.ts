/** One fault of a configuration: the path in the file, and what is wrong there. Never a value. */
export interface ConfigFault {
  readonly path: string;
  readonly message: string;
}

/** A configuration that cannot be used, with every fault that was found in it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(
    readonly file: string,
    readonly faults: readonly ConfigFault[],
  ) {
    const lines = faults.map(({ path, message }) => `  ${path === '' ? '(file)' : path}: ${message}`);
    super(`${file} cannot be used:\n${lines.join('\n')}`);
  }
}

/** `targets[0].name` of the steps that lead there. */
export function pathOf(steps: readonly string[]): string {
  return steps.reduce((path, step) => {
    if (/^\d+$/.test(step)) return `${path}[${step}]`;
    return path === '' ? step : `${path}.${step}`;
  }, '');
}
