import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import type { Fault } from '../../core/failure.js';
import { malformedQuery } from './query.js';
import { accept } from '../../validation/accept.js';
import { Draft, keepFaults } from '../../validation/draft.js';

/** Turns bodies and queries into drafts. It never throws: whoever uses a draft refuses it with all its faults. */
@Injectable()
export class AcceptPipe implements PipeTransform {
  transform(value: unknown, { metatype, type }: ArgumentMetadata): unknown {
    if (!metatype || !(metatype.prototype instanceof Draft)) return value;
    const Class = metatype as new () => Draft;
    return type === 'query' ? acceptQuery(Class, value) : acceptBody(Class, value);
  }
}

function acceptBody(Class: new () => Draft, value: unknown): Draft {
  const { value: draft, misfits } = accept(Class, value);
  const faults = misfits.map(({ path, message }): Fault => ({
    pointer: path.map((step) => `/${step}`).join(''),
    message,
  }));
  keepFaults(draft, faults);
  return draft;
}

function acceptQuery(Class: new () => Draft, value: unknown): Draft {
  const query = value as Record<string | symbol, string[]>;
  const isBroken = Object.getOwnPropertySymbols(query).includes(malformedQuery);
  const { value: draft, misfits } = accept(Class, Object.fromEntries(Object.entries(query)));
  const faults = misfits.map(({ path, message }): Fault => ({ parameter: path[0] ?? '', message }));
  keepFaults(draft, isBroken ? [{ parameter: '', message: 'The query is not percent-encoded UTF-8.' }] : faults);
  return draft;
}
