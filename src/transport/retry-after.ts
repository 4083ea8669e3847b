/** Reads `Retry-After` (RFC 9110), in seconds or as a date, into a Failure's details. Nothing where it says nothing. */
export function retryAfterMs(headers: Readonly<Record<string, string>>): { readonly retryAfterMs?: number } {
  const value = headers['retry-after']?.trim();
  if (value === undefined || value === '') return {};
  if (/^\d{1,9}$/.test(value)) return { retryAfterMs: Number(value) * 1000 };
  // An HTTP date begins with its weekday and tells the time; Date.parse alone takes "-1" and "2.5" for dates, too.
  const at = /^[A-Z][a-z]{2,8},? .*\d\d:\d\d:\d\d/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? {} : { retryAfterMs: Math.max(0, at - Date.now()) };
}
