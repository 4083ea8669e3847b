/** What stands before every path, for addresses that are told to callers: empty, or `/sluice`. */
export const BASE_PATH = Symbol('base path');
