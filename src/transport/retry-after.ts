import { httpDate } from './http-date.js';

/** Reads `Retry-After` (RFC 9110), in seconds or as a date, into a Failure's details. Nothing where it says nothing. */
export function retryAfterMs(headers: Readonly<Record<string, string>>): { readonly retryAfterMs?: number } {
  const value = headers['retry-after']?.trim();
  if (value === undefined || value === '') return {};
  if (/^\d{1,9}$/.test(value)) return { retryAfterMs: Number(value) * 1000 };
  const at = httpDate(value);
  return Number.isNaN(at) ? {} : { retryAfterMs: Math.max(0, at - Date.now()) };
}
