import { SluiceError } from '../../clients/typescript/src/sluice.ts';

/** Seconds in the two largest units that matter. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return '';
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
  return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3600)} h`;
}

/** Seconds of `600`, `10m`, `1h30m`; null if it is none. */
export function secondsOf(text: string): number | null {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const units = { s: 1, m: 60, h: 3600, d: 86_400 };
  const parts = [...text.matchAll(/(\d{1,9})([smhd])/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) return null;
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * units[unit as keyof typeof units], 0);
}

/** "1 session", "14 sessions". */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}

/** What a person can do about an error. */
export function remedyOf(code: string): string {
  return remedies[code] ?? '';
}

const remedies: Readonly<Record<string, string>> = {
  'too-many-processes': 'Narrow the filter until fewer fit, select single rows, or ask for an approval.',
  'reason-required': 'Say why below, and send it again. Nothing was done.',
  'approval-required': 'Ask for an approval: nothing is sent before it.',
  'selection-required': 'Add a filter that leaves somebody out, or select rows.',
  'kill-budget-exhausted': 'Wait a minute, end fewer at once, or ask for an approval.',
  'plan-gone': 'A plan can be used once, until it expires. Nothing was done: make it again.',
  'read-only': 'This target is closed to changes. The operators of Sluice can open it.',
  protected:
    'These sessions are needed by the vendor, by replication or by your configuration. They cannot be ended here.',
  forbidden: 'Your role does not allow this. Somebody with the role operator can do it.',
  'unsupported-filter': 'Not every target knows this fact. Leave those targets out, or remove the filter.',
  'ambiguous-process': 'The id is on several nodes: add node=….',
  'flush-in-progress': 'Another flush runs on this target. Wait for its end.',
  'outcome-unknown': 'Look at the target before you do anything else. Sluice looks again for two minutes by itself.',
  'rate-limited': 'Wait a moment.',
  overloaded: 'Sluice has too much to do. Wait a moment.',
};

/** What happened, in one sentence. */
export function messageOf(error: unknown): string {
  if (!(error instanceof SluiceError)) return error instanceof Error ? error.message : 'Something went wrong.';
  if (error.code === 'no-answer' || error.code === 'not-sent') return 'Sluice does not answer.';
  return error.message;
}
