import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { bareAddress } from '../http/forwarded.js';
import type { Step } from '../http/step.js';
import { isSigned } from '../auth/tokens.js';
import type { RequestLimits } from '../limits/request-limits.js';
import type { CurrentSnapshot } from '../live/snapshot.js';

/** Finds out who asks, and which snapshot of the configuration the request goes by until its end. */
export function who(current: CurrentSnapshot, limits: RequestLimits): Step {
  return {
    admit: async ({ facts, ip, raw: request }, { raw }) => {
      const { authenticator, targets } = current.snapshot;
      const release = targets.hold();
      // An operation that begins by then holds them itself.
      if (raw.closed) release();
      else raw.once('close', release);
      const authenticate = () => authenticator.callerOf(request);
      facts.caller = await limits.failedAuthentication.limit(bareAddress(ip), request.headers, authenticate, isSigned);
      facts.targets = targets;
    },
  };
}

/** Refuses a caller that asks too often, and tells each how it stands. */
export function limit(limits: RequestLimits): Step {
  return {
    admit: async ({ facts }, reply) => {
      const allowance = limits.allow(facts.caller?.name ?? '', (policy, told) => {
        void reply.header('ratelimit-policy', policy).header('ratelimit', told);
      });
      facts.allowance = allowance;
      await allowance.admit();
    },
  };
}

/** Admits a request to a handler of a resource, if each step of the stack does. */
export class AdmitGuard implements CanActivate {
  readonly #admissions: readonly NonNullable<Step['admit']>[];

  constructor(stack: readonly Step[]) {
    this.#admissions = stack.flatMap(({ admit }) => admit ?? []);
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    await this.admit(http.getRequest(), http.getResponse());
    return true;
  }

  /** Throws what refuses the request. */
  async admit(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    for (const admit of this.#admissions) await admit(request, reply);
  }
}
