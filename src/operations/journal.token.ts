/** The journal that the configuration names. */
export const JOURNAL = Symbol('journal');
