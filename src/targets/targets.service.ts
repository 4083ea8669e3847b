import { Injectable } from '@nestjs/common';
import { holds, roleFor, roleOn, type Caller } from '../core/model/caller.js';
import { Failure } from '../core/model/failure.js';
import { Engine } from '../core/engine/engine.js';
import { freezeOn } from '../core/model/freeze.js';
import { abilitiesOf } from '../core/model/abilities.js';
import type { Target } from '../core/model/target.js';
import type { Ask } from '../platform/entry/ask.js';
import { HealthBoard } from '../platform/telemetry/health-board.js';
import type { TargetDto } from './targets.dto.js';

type Asking = Pick<Ask, 'targets'> & { readonly caller: Caller };

/** Tells what there is, as far as the caller may see it. */
@Injectable()
export class TargetsService {
  readonly #health: HealthBoard;
  readonly #engine: Engine;

  constructor(health: HealthBoard, engine: Engine) {
    this.#health = health;
    this.#engine = engine;
  }

  list({ caller, targets }: Asking): TargetDto[] {
    return targets.all.filter(({ name }) => roleOn(caller, name) !== null).map((target) => this.#tell(target, caller));
  }

  get({ caller, targets }: Asking, name: string): TargetDto {
    const target = targets.named(name);
    if (!target || roleOn(caller, name) === null) {
      const told = JSON.stringify(name.slice(0, 64));
      throw new Failure('unknown-target', `No target is called ${told}, or it is not granted to you.`);
    }
    return this.#tell(target, caller);
  }

  #tell(target: Target, caller: Caller): TargetDto {
    const abilities = abilitiesOf(target);
    const freeze = freezeOn(this.#engine.brakes.freezes, target, Date.now());
    const isFixed = target.safeguards.readOnly || freeze !== undefined;
    return {
      name: target.name,
      backend: target.backend,
      description: target.description,
      labels: target.labels,
      nodes: target.configuredNodes?.map((node) => node.name).filter((node) => node !== null) ?? null,
      abilities,
      readOnly: target.safeguards.readOnly,
      frozenUntil: freeze ? new Date(freeze.until).toISOString() : null,
      may: abilities.filter(
        (ability) => (ability === 'look' || !isFixed) && holds(caller, target.name, roleFor[ability]),
      ),
      health: this.#health.of(target.name),
    };
  }
}
