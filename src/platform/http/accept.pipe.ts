import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import type { FieldError } from '../../core/model/failure.js';
import { pointerTo } from './pointer.js';
import { malformedQuery } from './query.js';
import { accept, type Accepted, type Violation } from '../../validation/accept.js';
import { Input, judgeInput, NoQuery } from '../../validation/input.js';

/** Turns bodies and queries into inputs. It never throws: the one that uses an input refuses it with all its errors. */
@Injectable()
export class AcceptPipe implements PipeTransform {
  transform(value: unknown, { metatype, type }: ArgumentMetadata): unknown {
    if (!metatype || !(metatype.prototype instanceof Input)) return value;
    const Class = metatype as new () => Input;
    return type === 'query' ? acceptQuery(Class, value) : acceptBody(Class, value);
  }
}

function acceptBody(Class: new () => Input, value: unknown): Input {
  const { value: input, violations } = accept(Class, value);
  const errors = violations.map((one): FieldError => ({ pointer: pointerTo(one.path), message: sentence(one) }));
  judgeInput(input, errors, value === undefined);
  return input;
}

function acceptQuery(Class: new () => Input, value: unknown): Input {
  const query = value as Record<string | symbol, string[]>;
  const { value: input, violations } = Class === NoQuery ? acceptNothing(query) : accept(Class, { ...query });
  if (Object.getOwnPropertySymbols(query).includes(malformedQuery)) {
    judgeInput(input, [{ parameter: '', message: 'The query is not percent-encoded UTF-8.' }], false);
    return input;
  }
  const errors = violations.map((one): FieldError => ({ parameter: one.path[0] ?? '', message: sentence(one) }));
  judgeInput(input, errors, Object.keys(query).length === 0);
  return input;
}

function acceptNothing(query: Readonly<Record<string, unknown>>): Accepted<Input> {
  const violations = Object.keys(query).map((name) => ({ path: [name], message: 'is not known here' }));
  return { value: new NoQuery(), violations };
}

function sentence({ path, message }: Violation): string {
  return `${path.length === 0 ? 'The body' : path.join('.')} ${message}.`;
}
