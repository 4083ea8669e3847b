import type { GeminiInstance, GeminiSession, MakeSession } from './sessions.ts';

/** Ids of the emulated GeminiDB Redis instances. */
export const GEMINIDB = {
  instanceId: 'c45ad84e73a6f6b0cb858ff4447f517ain12',
  nodeId: '784b3fb7bac14bc490659950dd4f022fno12',
  secondNodeId: '894c4ac8cbd25cd5a1760aa61ee5133ano12',
  otherInstanceId: 'd56be95f84b7a7c1dc969aa5558a628bin12',
  otherNodeId: '9a5d5bd9dce36de6b2871bb72ff6244bno12',
} as const;

/** The instances as they are at the start: one with proxies, and one without. */
export function seedGeminiInstances(make: MakeSession): GeminiInstance[] {
  return [
    {
      id: GEMINIDB.instanceId,
      isProxied: true,
      nodes: [
        { id: GEMINIDB.nodeId, sessions: firstSessions(make) },
        { id: GEMINIDB.secondNodeId, sessions: [3, 75, 1200].map((idleSeconds) => make({ idleSeconds, db: '2' })) },
      ],
    },
    {
      id: GEMINIDB.otherInstanceId,
      isProxied: false,
      nodes: [{ id: GEMINIDB.otherNodeId, sessions: [0, 600].map((idleSeconds) => make({ idleSeconds })) }],
    },
  ];
}

function firstSessions(make: MakeSession): GeminiSession[] {
  return [
    ...[0, 1, 59, 61, 300, 7200].map((idleSeconds) => make({ idleSeconds })),
    make({ name: 'events', cmd: 'subscribe', sub: 2, idleSeconds: 1800 }),
    make({ name: 'checkout', cmd: 'set', multi: 3, idleSeconds: 90, db: '1' }),
    make({ name: '', cmd: 'psync', idleSeconds: 400 }),
  ];
}
