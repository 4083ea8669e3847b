/** One error of a configuration: the path in the file, and what is wrong there. Never what may be a secret. */
export interface ConfigError {
  readonly path: string;
  readonly message: string;
  readonly line?: number | undefined;
  /** The name of the target that it is about. */
  readonly target?: string | undefined;
}

/** A configuration that cannot be used, with every error that was found in it. */
export class InvalidConfiguration extends Error {
  override readonly name = 'InvalidConfiguration';

  constructor(
    readonly file: string,
    readonly errors: readonly ConfigError[],
  ) {
    super(`${file} cannot be used:\n${errors.map((error) => `  ${tellConfigError(error)}`).join('\n')}`);
  }
}

/** An error as one line: `targets[2].connection: must name a connection to huawei (target "carts", line 41)`. */
export function tellConfigError({ path, message, line, target }: ConfigError): string {
  const where = [
    ...(target === undefined ? [] : [`target ${JSON.stringify(target)}`]),
    ...(line === undefined ? [] : [`line ${String(line)}`]),
  ];
  return `${path === '' ? '(file)' : path}: ${message}${where.length === 0 ? '' : ` (${where.join(', ')})`}`;
}

/** `targets[0].name` of the steps that lead there. */
export function pathOf(steps: readonly string[]): string {
  return steps.reduce((path, step) => {
    if (/^\d+$/.test(step)) return `${path}[${step}]`;
    return path === '' ? step : `${path}.${step}`;
  }, '');
}

/** The errors of one configuration, as they are found, and what cannot be judged because of them. */
export class ConfigErrors {
  readonly all: ConfigError[] = [];
  readonly #gaps: string[] = [];

  add(path: string, message: string): void {
    this.all.push({ path, message });
  }

  /** What is wrong there was left out: what would follow from its absence is no error. */
  leaveOut(gaps: readonly string[]): void {
    this.#gaps.push(...gaps);
  }

  /** Does anything stand there as it was written, or not, if none was? What is below it may be wrong. */
  isThere(path: string): boolean {
    return !this.#gaps.some((gap) => isWithin(path, gap));
  }

  /** Is it as it was written, and each of its members? */
  isTold(path: string): boolean {
    return this.isThere(path) && !this.#gaps.some((gap) => isWithin(gap, path) && isMember(gap.slice(path.length)));
  }

  /** Is all of it as it was written? */
  isRight(path: string): boolean {
    return this.isThere(path) && !this.#gaps.some((gap) => isWithin(gap, path));
  }
}

function isWithin(path: string, outer: string): boolean {
  return path === outer || outer === '' || path.startsWith(`${outer}.`) || path.startsWith(`${outer}[`);
}

/** `.iam`, `[1]`: one step, not several. */
function isMember(rest: string): boolean {
  return /^(?:\.[^.[]+|\[\d+\])$/.test(rest);
}
