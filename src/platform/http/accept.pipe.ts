import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import type { Fault } from '../../core/model/failure.js';
import { pointerTo } from './pointer.js';
import { malformedQuery } from './query.js';
import { accept, type Accepted, type Misfit } from '../../validation/accept.js';
import { Draft, keepFaults, markAbsent, NoQuery } from '../../validation/draft.js';

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
  const faults = misfits.map((misfit): Fault => ({
    pointer: pointerTo(misfit.path),
    message: sentence(misfit),
  }));
  keepFaults(draft, faults);
  if (value === undefined) markAbsent(draft);
  return draft;
}

function acceptQuery(Class: new () => Draft, value: unknown): Draft {
  const query = value as Record<string | symbol, string[]>;
  const isBroken = Object.getOwnPropertySymbols(query).includes(malformedQuery);
  const { value: draft, misfits } = Class === NoQuery ? acceptNothing(query) : accept(Class, { ...query });
  const faults = misfits.map((misfit): Fault => ({ parameter: misfit.path[0] ?? '', message: sentence(misfit) }));
  if (!isBroken && Object.keys(query).length === 0) markAbsent(draft);
  keepFaults(draft, isBroken ? [{ parameter: '', message: 'The query is not percent-encoded UTF-8.' }] : faults);
  return draft;
}

function acceptNothing(query: Readonly<Record<string, unknown>>): Accepted<Draft> {
  const misfits = Object.keys(query).map((name) => ({ path: [name], message: 'is not known here' }));
  return { value: new NoQuery(), misfits };
}

function sentence({ path, message }: Misfit): string {
  return `${path.length === 0 ? 'The body' : path.join('.')} ${message}.`;
}
