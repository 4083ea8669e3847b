import { flushBy, killBy, lookAt, type BackendCalls } from '../../../../test/backend-calls.js';

const node = '8f7ee181-88e2-49b7-a4bf-81f18f93a135';

/** What DCS is called for. */
export const calls: BackendCalls = {
  kind: 'dcs',
  calls: [
    { call: 'logical-nodes', target: 'carts', does: 'help', by: lookAt('carts') },
    { call: 'scan-clients', target: 'carts', does: 'help', by: lookAt('carts') },
    { call: 'show-job', target: 'carts', does: 'help', by: lookAt('carts') },
    { call: 'list-clients', target: 'carts', does: 'list', by: lookAt('carts') },
    {
      call: 'clients/kill',
      emulated: 'kill-clients',
      target: 'carts',
      does: 'end',
      by: killBy(`target=carts&node=${node}&minIdleSeconds=300&state=idle`),
      hasNoBody: true,
    },
    {
      call: 'clients/kill-all',
      emulated: 'kill-all-clients',
      target: 'carts',
      does: 'end',
      by: flushBy({ targets: ['carts'], mode: 'forced' }),
    },
  ],
};
