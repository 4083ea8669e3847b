import { flushBy, killBy, lookAt, type BackendCalls } from '../../../../test/backend-calls.js';

const node = '52c25e148a4a48c293b66ca95565719cno14/cn_5001';

/** What GaussDB is called for. */
export const calls: BackendCalls = {
  kind: 'gaussdb',
  calls: [
    { call: 'real-time-session', target: 'ledger', does: 'list', by: lookAt('ledger') },
    { call: 'kill-free-session', target: 'ledger', does: 'end', by: flushBy({ targets: ['ledger'], node }) },
    { call: 'kill-session', target: 'ledger', does: 'end', by: killBy(`target=ledger&node=${node}&state=idle`) },
  ],
};
