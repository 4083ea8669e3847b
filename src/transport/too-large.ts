import { Failure } from '../core/model/failure.js';

/**
 * An answer of 2xx is larger than what is read of it. That is our own limit: it says nothing about the vendor's health,
 * and a smaller answer may be asked for.
 */
export class TooLarge extends Failure {
  constructor() {
    super('upstream-malformed', "The vendor's answer is too large.", { sent: 'perhaps' });
  }
}
