import { Inject, Injectable } from '@nestjs/common';
import { actionFor, isVisible, mayDo, type Caller } from '../core/model/caller.js';
import { carries } from '../core/choose/labelled.js';
import { Failure } from '../core/model/failure.js';
import { Engine } from '../core/engine/engine.js';
import { freezeOn } from '../core/model/freeze.js';
import { abilitiesOf } from '../core/model/abilities.js';
import { processStates } from '../core/model/process.js';
import { filtersOf } from '../core/model/selection.js';
import type { Target } from '../core/model/target.js';
import type { Journal } from '../core/record/journal.js';
import { JOURNAL } from '../operations/journal.token.js';
import type { Ask } from '../platform/entry/ask.js';
import { HealthBoard } from '../platform/telemetry/health-board.js';
import type { TargetDto } from './targets.dto.js';

type Asking = Pick<Ask, 'targets'> & { readonly caller: Caller };

/** Tells what there is, as far as the caller may see it. */
@Injectable()
export class TargetsService {
  readonly #health: HealthBoard;
  readonly #engine: Engine;
  readonly #journal: Journal;

  constructor(health: HealthBoard, engine: Engine, @Inject(JOURNAL) journal: Journal) {
    this.#journal = journal;
    this.#health = health;
    this.#engine = engine;
  }

  /** Those that carry all of some labels, each written `name:value`. Throws Failure if labels stand for none. */
  async list({ caller, targets }: Asking, labels: readonly string[] = []): Promise<TargetDto[]> {
    const granted = targets.all.filter(({ name }) => isVisible(caller, name));
    const found = granted.filter((target) => carries(target, labels));
    if (labels.length > 0 && found.length === 0) {
      throw new Failure('unknown-target', `No target that is granted to you carries ${labels.join(', ')}.`, {
        errors: [{ parameter: 'label', message: 'No target that is granted to you carries all of these.' }],
      });
    }
    return Promise.all(found.map((target) => this.#tell(target, caller)));
  }

  async get({ caller, targets }: Asking, name: string): Promise<TargetDto> {
    const target = targets.named(name);
    if (!target || !isVisible(caller, name)) {
      const told = JSON.stringify(name.slice(0, 64));
      throw new Failure('unknown-target', `No target is called ${told}, or it is not granted to you.`);
    }
    return this.#tell(target, caller);
  }

  async #tell(target: Target, caller: Caller): Promise<TargetDto> {
    const abilities = abilitiesOf(target);
    const freeze = freezeOn(this.#engine.brakes.freezes, target, Date.now());
    const isFixed = target.safeguards.readOnly || freeze !== undefined;
    return {
      name: target.name,
      backend: target.backend,
      description: target.description,
      labels: target.labels,
      nodes:
        (target.configuredNodes ?? target.foundNodes)?.map((node) => node.name).filter((node) => node !== null) ?? null,
      abilities,
      filters: filtersOf(target),
      states: processStates.filter((state) => target.states.has(state)),
      limits: await this.#limitsOf(target),
      readOnly: target.safeguards.readOnly,
      frozenUntil: freeze ? new Date(freeze.until).toISOString() : null,
      may: abilities.filter(
        (ability) =>
          (ability === 'look' || !isFixed) &&
          (['graceful', 'forced'] as const).some((mode) => mayDo(caller, target.name, actionFor(ability, mode))),
      ),
      health: this.#health.of(target.name),
    };
  }

  async #limitsOf({ name, kill, safeguards }: Target): Promise<TargetDto['limits']> {
    const { maxProcesses, maxShare, killsPerMinute } = safeguards;
    return { maxProcesses, maxShare, killsPerMinute, killsLeft: kill ? await this.#left(name, killsPerMinute) : null };
  }

  /** A store that is away does not keep anybody from seeing the targets. */
  async #left(name: string, perMinute: number): Promise<number | null> {
    try {
      return Math.max(0, perMinute - (await this.#journal.spent(name, Date.now())));
    } catch {
      return null;
    }
  }
}
