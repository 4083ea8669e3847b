import { InvalidArgumentError } from 'commander';

const units = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** Whole seconds of `90`, `90s`, `10m`, `1h30m` or `2d`. */
export function secondsOf(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const parts = [...text.matchAll(/(\d{1,9})([smhd])/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) {
    throw new InvalidArgumentError('Write a duration such as 90s, 10m, 1h30m or 2d.');
  }
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * units[unit as keyof typeof units], 0);
}

/** A time: RFC 3339, or how long ago: `2h`. */
export function timeOf(text: string, now: number = Date.now()): string {
  if (/^\d{4}-\d\d-\d\d/.test(text)) {
    const time = Date.parse(text);
    if (Number.isNaN(time))
      throw new InvalidArgumentError('Write a time such as 2026-11-30T03:00:00Z, or 2h for two hours ago.');
    return new Date(time).toISOString();
  }
  return new Date(now - secondsOf(text) * 1000).toISOString();
}

/** Seconds in the two largest units that matter: `1h 20m`, `45s`. */
export function shortDuration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return '';
  const whole = Math.floor(seconds);
  if (whole < 60) return `${String(whole)}s`;
  if (whole < 3600) return `${String(Math.floor(whole / 60))}m ${String(whole % 60)}s`;
  if (whole < 86_400) return `${String(Math.floor(whole / 3600))}h ${String(Math.floor((whole % 3600) / 60))}m`;
  return `${String(Math.floor(whole / 86_400))}d ${String(Math.floor((whole % 86_400) / 3600))}h`;
}
