import { Transform } from 'class-transformer';
import { IsString, length, Matches, ValidateBy, ValidateIf } from 'class-validator';
import { momentOf } from '../core/model/calendar.js';

/** A member that may be left out, but not written as null. */
export function Optional(): PropertyDecorator {
  return ValidateIf((_object, value) => value !== undefined);
}

/** Applies decorators as if they were written one below the other. */
function all(...decorators: readonly PropertyDecorator[]): PropertyDecorator {
  return (target, property) => {
    for (const decorator of decorators.toReversed()) decorator(target, property);
  };
}

/** A query parameter that is given once. It reaches the rules below it as a string, or, given twice, as a list. */
export function Once(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) =>
    Array.isArray(value) && value.length === 1 ? (value[0] as unknown) : value,
  );
}

/** Filter values: at least one, none of them empty, none longer than 256 characters. */
export function FilterValues(): PropertyDecorator {
  const validate = (values: unknown): boolean => Array.isArray(values) && values.every((one) => length(one, 1, 256));
  const message = 'must have 1 to 256 characters';
  return ValidateBy({ name: 'filterValues', validator: { validate, defaultMessage: () => message } });
}

/** A number of at most nine digits, given once in a query. */
export function QueryNumber(): PropertyDecorator {
  return all(Once(), Matches(/^\d{1,9}$/, { message: 'must be a whole number of at most 9 digits, given once' }));
}

const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/i;

/** A time of RFC 3339, given once in a query. */
export function QueryTime(): PropertyDecorator {
  const message = 'must be a time such as 2026-11-21T03:00:00Z, given once (write a + as %2B)';
  const validate = (value: unknown): boolean =>
    typeof value === 'string' && time.test(value) && !Number.isNaN(momentOf(value));
  return all(Once(), ValidateBy({ name: 'queryTime', validator: { validate, defaultMessage: () => message } }));
}

/** `true` or `false`, given once in a query. */
export function QueryBoolean(): PropertyDecorator {
  return all(Once(), Matches(/^(?:true|false)$/, { message: 'must be true or false, given once' }));
}

/** Free text that is kept in the record: up to 500 printable characters. */
export function Remark(): PropertyDecorator {
  const message = 'must be 1 to 500 printable characters';
  return all(IsString({ message }), Matches(/^[^\p{C}\p{Zl}\p{Zp}]{1,500}$/u, { message }));
}

/** Labels that somebody looks for: 1 to 32 names, each with a short text. */
export function LabelMap(): PropertyDecorator {
  const message = 'must be a map of 1 to 32 names to short texts';
  return ValidateBy({ name: 'labels', validator: { validate: isLabels, defaultMessage: () => message } });
}

function isLabels(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const all = Object.entries(value);
  const isShort = (text: unknown): boolean => typeof text === 'string' && text.length <= 128;
  return all.length > 0 && all.length <= 32 && all.every(([name, one]) => isShort(name) && isShort(one));
}

/** A filter in a body: a text of 1 to 256 characters, or a list of 1 to 100 of them. */
export function FilterText(): PropertyDecorator {
  const message = 'must be a text of 1 to 256 characters, or a list of 1 to 100 of them';
  const validate = (value: unknown): boolean => {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    return (
      values.length > 0 && values.length <= 100 && values.every((one) => typeof one === 'string' && length(one, 1, 256))
    );
  };
  return ValidateBy({ name: 'filterText', validator: { validate, defaultMessage: () => message } });
}
