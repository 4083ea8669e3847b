/** Limits as the document of the API tells them, in one place for all that share them. */

/** A number of things, or of milliseconds. */
export const countShape = { type: 'integer', format: 'int64', minimum: 0, maximum: Number.MAX_SAFE_INTEGER } as const;

/** As many seconds as a query may ask for: nine digits. */
export const askedSeconds = { type: 'integer', format: 'int32', minimum: 0, maximum: 999_999_999 } as const;

/** Names and filter values. */
export const word = { type: 'string', minLength: 1, maxLength: 256 } as const;

/** The name of a target, as the configuration gives it. */
export const targetName = { type: 'string', maxLength: 63, pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$' } as const;

/** A name or an id in a query, where neither `*` nor a leading `!` is taken. */
export const exactWord = { ...word, pattern: '^[^!*][^*]*$' } as const;

/** Free text for the record: printable characters. */
export const remark = {
  type: 'string',
  minLength: 1,
  maxLength: 500,
  // The code refuses more that cannot be printed: this much every dialect of patterns can say.
  pattern: String.raw`^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$`,
} as const;

/** The id of a request, chosen by the caller or made by Sluice. */
export const requestIdShape = { type: 'string', minLength: 1, maxLength: 128, pattern: '^[A-Za-z0-9._-]+$' } as const;

/** The id of an operation. */
export const operationIdShape = { type: 'string', pattern: '^op_[0-9a-z]{25}$', maxLength: 28 } as const;

/** The id of a plan. */
export const planIdShape = { type: 'string', pattern: '^plan_[0-9a-z]{25}$', maxLength: 30 } as const;

/** Where the next page begins. */
export const pageTokenShape = { type: 'string', minLength: 1, maxLength: 2048, pattern: '^[A-Za-z0-9_-]+$' } as const;

/** The vendor's words, as far as they are kept. */
export const vendorWordsShape = { type: 'string', maxLength: 500 } as const;

/** How often a parameter fits into an address of 16 KiB: `&id=1` takes five characters. */
export const mostRepeats = 3276;

/** As long as a header can be: longer ones are refused with all others. */
export const longestHeader = 16_384;

/** Labels of targets that somebody looks for, by their names. */
export const labelsShape = {
  type: 'object',
  minProperties: 1,
  maxProperties: 32,
  additionalProperties: { type: 'string', maxLength: 128 },
} as const;

/** A filter in a body: one value, or a list of them. */
export const filterShape = {
  oneOf: [{ ...word }, { type: 'array' as const, items: { ...word }, minItems: 1, maxItems: 100 }],
};
