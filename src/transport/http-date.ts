/** Reads a date of HTTP (RFC 9110, 5.6.7) as milliseconds since the epoch; NaN where it is none. */
export function httpDate(value: string): number {
  // It begins with its weekday and tells the time; Date.parse alone takes "-1" and "2.5" for dates, too.
  return /^[A-Z][a-z]{2,8},? .*\d\d:\d\d:\d\d/.test(value) ? Date.parse(value) : Number.NaN;
}
