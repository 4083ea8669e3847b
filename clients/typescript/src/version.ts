/** The version of this package, as it tells Sluice. */
export const version = '0.2.0';
