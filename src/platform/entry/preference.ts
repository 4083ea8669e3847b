/** What a caller would like of an answer (RFC 7240). */
export interface Preference {
  /** Milliseconds that the caller is ready to wait for an operation. */
  readonly waitMs: number;
  /** Does the caller ask to be told where the operation is, even if it is over by then? */
  readonly isAsync: boolean;
  /** Does the caller wait until nothing more is to be expected of the operation, instead of for its end? */
  readonly untilCompleted: boolean;
  /** What of it was understood, as `Preference-Applied` tells it; null if nothing was asked for. */
  readonly understood: string | null;
}

const defaultWaitSeconds = 10;
/** Below the 60 seconds after which proxies give up. */
const longestWaitSeconds = 45;

/** So much of it is read. */
const longestText = 2048;

/** One preference or parameter: a name, and what it is, if anything. What stands in quotes may hold what separates. */
const part = /([^\s=,;"]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,;"]*)))?|"(?:[^"\\]|\\.)*"|,|;/g;

/**
 * Reads `Prefer` (RFC 7240): `respond-async`, or `wait=N` in seconds, and with it `until=completed`, as its parameter
 * or by itself. Of what stands there twice the first counts; what is not understood is ignored, as that RFC says.
 */
export function preferenceOf(prefer: string | string[] | undefined): Preference {
  if (prefer === undefined) return none;
  const asked = partsOf([prefer].flat().join(',').slice(0, longestText));
  if (asked.has('respond-async')) {
    return { waitMs: 0, isAsync: true, untilCompleted: false, understood: 'respond-async' };
  }
  const waited = /^\d+$/.test(asked.get('wait') ?? '') ? Number(asked.get('wait')) : null;
  const seconds = Math.min(waited ?? defaultWaitSeconds, longestWaitSeconds);
  const untilCompleted = asked.get('until') === 'completed';
  const understood = [
    ...(waited === null ? [] : [`wait=${String(seconds)}`]),
    ...(untilCompleted ? ['until=completed'] : []),
  ].join(', ');
  return { waitMs: seconds * 1000, isAsync: false, untilCompleted, understood: understood === '' ? null : understood };
}

const none: Preference = {
  waitMs: defaultWaitSeconds * 1000,
  isAsync: false,
  untilCompleted: false,
  understood: null,
};

/** The preferences by their names, and the parameters of `wait`. */
function partsOf(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  let preference = '';
  let isParameter = false;
  for (const [separator, name, quoted, plain] of text.matchAll(part)) {
    if (name === undefined) {
      isParameter = separator === ';';
      continue;
    }
    const known = name.toLowerCase();
    if (!isParameter) preference = known;
    const counts = !isParameter || (preference === 'wait' && known === 'until');
    if (counts && !found.has(known)) found.set(known, (quoted ?? plain ?? '').toLowerCase());
  }
  return found;
}
