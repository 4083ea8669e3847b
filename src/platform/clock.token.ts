/** The time that the application goes by. */
export const CLOCK = Symbol('clock');
