import { flushBy, killBy, lookAt, type BackendCalls } from '../../../../test/backend-calls.js';

const node = '784b3fb7bac14bc490659950dd4f022fno12';

/** What GeminiDB Redis is called for. */
export const calls: BackendCalls = {
  kind: 'geminidb',
  calls: [
    { call: 'list-instance-sessions', target: 'profiles', does: 'help', by: lookAt('profiles') },
    { call: 'list-sessions', target: 'profiles', does: 'list', by: lookAt('profiles') },
    {
      call: 'delete-sessions',
      target: 'profiles',
      does: 'end',
      by: killBy(`target=profiles&node=${node}&minIdleSeconds=300&state=idle`),
    },
    {
      call: 'delete-instance-sessions',
      target: 'profiles',
      does: 'end',
      by: flushBy({ targets: ['profiles'], mode: 'forced' }),
    },
  ],
};
