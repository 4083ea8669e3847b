import { killBy, lookAt, type BackendCalls } from '../../../../test/backend-calls.js';

/** What TaurusDB is called for. */
export const calls: BackendCalls = {
  kind: 'taurusdb',
  calls: [
    { call: 'list-processes', target: 'orders', does: 'list', by: lookAt('orders') },
    {
      call: 'delete-processes',
      target: 'orders',
      does: 'end',
      by: killBy('target=orders&node=primary&id=2075425'),
    },
  ],
};
