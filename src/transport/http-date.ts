import { hasDay } from '../core/model/calendar.js';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * Reads a date of HTTP (RFC 9110, 5.6.7) as milliseconds since the epoch; NaN where it is none, or where no calendar
 * has it.
 */
export function httpDate(value: string): number {
  // It begins with its weekday and tells the time; Date.parse alone takes "-1" and "2.5" for dates, too.
  const moment = /^[A-Z][a-z]{2,8},? .*\d\d:\d\d:\d\d/.test(value) ? Date.parse(value) : Number.NaN;
  const [, day, month = ''] = /^\w+, (\d\d)[ -](\w{3})[ -]/.exec(value) ?? [];
  const isMissing =
    day !== undefined && !hasDay(new Date(moment).getUTCFullYear(), months.indexOf(month) + 1, Number(day));
  return isMissing ? Number.NaN : moment;
}
