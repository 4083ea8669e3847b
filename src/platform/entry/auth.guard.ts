import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentSnapshot } from '../live/snapshot.js';
import { UnreadableBody } from '../http/body.js';
import { RequestLimits } from '../limits/request-limits.js';
import { keepAdmitted } from './ask.js';

/** Lets in who is known and asks no more often than it may, and keeps who it is and which configuration applies for the rest of the request. */
@Injectable()
export class AuthGuard implements CanActivate {
  readonly #current: CurrentSnapshot;
  readonly #limits: RequestLimits;

  constructor(current: CurrentSnapshot, limits: RequestLimits) {
    this.#current = current;
    this.#limits = limits;
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { authenticator, targets } = this.#current.snapshot;
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const { raw } = reply;
    const release = targets.hold();
    // An operation that begins by then holds them itself.
    if (raw.closed) release();
    else raw.once('close', release);
    const { ip, headers } = request;
    const caller = await this.#limits.failedAuthentication.limit(ip, headers, () =>
      authenticator.callerOf(request.raw),
    );
    const allowance = this.#limits.allow(caller.name, (policy, told) => {
      void reply.header('ratelimit-policy', policy).header('ratelimit', told);
    });
    keepAdmitted(request, { caller, targets, draw: (names) => allowance.draw(names) });
    await allowance.admit();
    if (request.body instanceof UnreadableBody) throw request.body.failure;
    return true;
  }
}
