import { flushBy, lookAt, type BackendCalls } from '../../../test/backend-calls.js';

const tune = ['POST', '/sessions/tune', { target: 'bi-user', settings: { infinityToNa: true } }] as const;

/** What 1010data is called for. */
export const calls: BackendCalls = {
  kind: '1010data',
  calls: [
    { call: 'samstatus', target: 'bi-pool', does: 'list', by: lookAt('bi-pool') },
    { call: 'flushpool', target: 'bi-pool', does: 'end', by: flushBy({ targets: ['bi-pool'] }) },
    { call: 'resetpool', target: 'bi-pool', does: 'end', by: flushBy({ targets: ['bi-pool'], mode: 'forced' }) },
    { call: 'login', target: 'bi-user', does: 'help', by: tune },
    { call: 'session', target: 'bi-user', does: 'end', by: tune },
  ],
};
