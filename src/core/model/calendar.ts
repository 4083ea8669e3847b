/** A date and a time as RFC 3339 and its kin write them, with their zone. */
const written = /^(\d{4})-(\d{2})-(\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})$/i;

/** The moment of a written time, in milliseconds since the epoch; NaN where no calendar and no clock has it. */
export function momentOf(text: string): number {
  const [, year, month, day] = written.exec(text) ?? [];
  return hasDay(Number(year), Number(month), Number(day)) ? Date.parse(text) : Number.NaN;
}

/** Is there such a day? The parser of the runtime takes the 30th of February for the 2nd of March. */
export function hasDay(year: number, month: number, day: number): boolean {
  return month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}
