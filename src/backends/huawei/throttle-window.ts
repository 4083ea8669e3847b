const unitMs: Readonly<Record<string, number>> = { second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/**
 * For how long a throttled call waits, in milliseconds, by the vendor's words; null where they do not say.
 * `limit:200,time:5 minute`, or IAM's `5 times per 1 seconds`: after one whole window there is room again.
 */
export function throttleWindowMs(message: string | null): number | null {
  const [, number = '', unit = ''] =
    /(?:time:|times per )(\d{1,5}) ?(second|minute|hour|day)/i.exec(message ?? '') ?? [];
  const milliseconds = unitMs[unit.toLowerCase()];
  return milliseconds === undefined ? null : Number(number) * milliseconds;
}
