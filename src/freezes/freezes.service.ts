import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Engine } from '../core/engine/engine.js';
import { isVisible, mayDo } from '../core/model/caller.js';
import { Failure } from '../core/model/failure.js';
import { covers, type Freeze } from '../core/model/freeze.js';
import { Refusals } from '../core/model/refusals.js';
import { inBody, placeIn } from '../core/model/request.js';
import { readKey } from '../operations/idempotency.js';
import type { Ask } from '../platform/entry/ask.js';
import { errorsOf } from '../validation/input.js';
import type { FreezeBody, FreezeDto, FreezeListDto } from './freezes.dto.js';

/** How many freezes hold at once. */
const mostFreezes = 100;

/** Begins, shows and ends freezes. */
@Injectable()
export class FreezesService {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async begin(ask: Ask, body: FreezeBody): Promise<FreezeDto> {
    const refusals = new Refusals(errorsOf(body));
    const { targets, labels, seconds = 1, reason = '' } = body;
    const named = errorsOf(body).some(({ pointer = '' }) => pointer === '' || /^\/(?:targets|labels)/.test(pointer));
    if (!named && (targets === undefined) === (labels === undefined)) {
      refusals.add('invalid-request', { pointer: '', message: 'Name targets, or labels, and not both.' });
    }
    for (const [index, name] of (targets ?? []).entries()) this.#admit(ask, name, index, refusals);
    const key = ask.idempotencyKey === null ? null : readKey(ask, [body], refusals);
    const now = Date.now();
    const freeze: Freeze = {
      ...(key
        ? { id: idOf(key.name), fingerprint: key.fingerprint ?? '' }
        : { id: idOf(randomUUID().replaceAll('-', '')) }),
      targets: targets ?? null,
      labels: targets ? null : (labels ?? {}),
      reason,
      requestedBy: ask.caller.name,
      createdAt: now,
      until: now + seconds * 1000,
    };
    if (targets === undefined && refusals.isEmpty) admitLabels(ask, freeze, refusals);
    refusals.throwIfAny();
    const held = await this.#find(freeze.id);
    if (held) return repeat(ask, held, freeze);
    await this.#assertRoom(now);
    if (!(await this.#engine.brakes.freeze(freeze))) {
      const first = await this.#find(freeze.id);
      if (first) return repeat(ask, first, freeze);
    }
    this.#engine.listeners.tellBrake({ is: 'frozen', by: ask.caller.name, requestId: ask.requestId, freeze });
    tellDone(ask);
    return tell(ask, freeze);
  }

  async #find(id: string): Promise<Freeze | undefined> {
    return (await this.#engine.brakes.look()).find((one) => one.id === id);
  }

  /** Every replica reads all that hold, twice a second. */
  async #assertRoom(now: number): Promise<void> {
    const all = await this.#engine.brakes.look();
    if (all.length < mostFreezes) return;
    const retryAfterMs = Math.max(0, Math.min(...all.map(({ until }) => until)) - now);
    throw new Failure('rate-limited', `${String(all.length)} freezes hold already: end one first.`, { retryAfterMs });
  }

  #admit({ caller, targets }: Ask, name: string, index: number, refusals: Refusals): void {
    const at = placeIn(inBody, 'targets', index);
    if (!targets.named(name) || !isVisible(caller, name)) {
      refusals.add('unknown-target', { ...at, message: `No target is called "${name}", or it is not granted to you.` });
    } else if (!mayDo(caller, name, 'freeze')) {
      refusals.add('forbidden', { ...at, message: `To freeze "${name}" takes admin.` });
    }
  }

  /** Those that hold now, whichever replica was asked for them. */
  async list(ask: Ask): Promise<FreezeListDto> {
    const all = await this.#engine.brakes.look();
    return { items: all.filter((freeze) => isSeen(ask, freeze)).map((freeze) => tell(ask, freeze)) };
  }

  async end(ask: Ask, id: string): Promise<void> {
    const freeze = await this.#find(id);
    if (!freeze || !isSeen(ask, freeze)) throw notFound(id);
    if (!namesOf(ask, freeze).every((name) => mayDo(ask.caller, name, 'freeze'))) {
      throw new Failure('forbidden', 'To end this freeze takes admin of all its targets.');
    }
    if (!(await this.#engine.brakes.unfreeze(id))) throw notFound(id);
    this.#engine.listeners.tellBrake({ is: 'unfrozen', by: ask.caller.name, requestId: ask.requestId, freeze });
    tellDone(ask);
  }
}

function idOf(name: string): string {
  return `frz_${name.slice(0, 32)}`;
}

/** The freeze that was begun under the same key. Throws Failure if another one was asked for. */
function repeat(ask: Ask, held: Freeze, asked: Freeze): FreezeDto {
  if (held.fingerprint !== asked.fingerprint) {
    throw new Failure('idempotency-key-reused', 'Another freeze was begun under this Idempotency-Key: use a new key.');
  }
  ask.header('idempotent-replayed', 'true');
  tellDone(ask);
  return tell(ask, held);
}

function admitLabels(ask: Ask, freeze: Freeze, refusals: Refusals): void {
  const names = namesOf(ask, freeze);
  const at = placeIn(inBody, 'labels');
  if (!names.some((name) => isVisible(ask.caller, name))) {
    refusals.add('unknown-target', { ...at, message: 'No target that is granted to you has these labels.' });
  } else if (!names.every((name) => mayDo(ask.caller, name, 'freeze'))) {
    refusals.add('forbidden', { ...at, message: 'To freeze by labels takes admin of every target that has them.' });
  }
}

function namesOf({ targets }: Ask, freeze: Freeze): readonly string[] {
  if (freeze.targets) return freeze.targets;
  return targets.all.filter((target) => covers(freeze, target)).map(({ name }) => name);
}

function isSeen(ask: Ask, freeze: Freeze): boolean {
  return namesOf(ask, freeze).some((name) => isVisible(ask.caller, name));
}

function tell(ask: Ask, freeze: Freeze): FreezeDto {
  const { id, labels, reason, requestedBy, createdAt, until } = freeze;
  return {
    id,
    targets: namesOf(ask, freeze).filter((name) => isVisible(ask.caller, name)),
    labels,
    reason: reason === '' ? null : reason,
    requestedBy,
    createdAt: new Date(createdAt).toISOString(),
    expiresAt: new Date(until).toISOString(),
  };
}

/** Every answer to a call that changes something says whether it was done. */
function tellDone(ask: Ask): void {
  ask.header('sluice-state', 'succeeded');
  ask.header('sluice-completed', 'true');
}

function notFound(id: string): Failure {
  return new Failure('not-found', `There is no freeze ${JSON.stringify(id.slice(0, 64))}, or it has ended.`);
}
