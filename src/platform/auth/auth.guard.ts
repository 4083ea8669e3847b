import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentSnapshot } from '../config/snapshot.js';
import { keepAdmitted, publicMetadata } from './ask.js';

/** Lets in who is known, and keeps who it is and which configuration applies for the rest of the request. */
@Injectable()
export class AuthGuard implements CanActivate {
  readonly #reflector: Reflector;
  readonly #current: CurrentSnapshot;

  constructor(reflector: Reflector, current: CurrentSnapshot) {
    this.#reflector = reflector;
    this.#current = current;
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (
      this.#reflector.getAllAndOverride<boolean | undefined>(publicMetadata, [context.getHandler(), context.getClass()])
    ) {
      return true;
    }
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { authenticator, targets } = this.#current.snapshot;
    const { raw } = context.switchToHttp().getResponse<FastifyReply>();
    const release = targets.hold();
    // An operation that begins by then holds them itself.
    if (raw.closed) release();
    else raw.once('close', release);
    keepAdmitted(request, { caller: await authenticator.callerOf(request.headers), targets });
    return true;
  }
}
