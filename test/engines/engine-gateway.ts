import { missingEngines, startEngines, type Engines } from '../../sandbox/engines/engines.ts';
import { startVendors } from '../../sandbox/vendors.ts';
import { demoKeys, lookOf, openGateway, operationOf, type Gateway } from '../gateway.ts';

/** Whether the servers are installed; says that the tests are skipped where they are not. CI must have them. */
export function hasEngines(): boolean {
  const missing = missingEngines();
  if (missing.length === 0) return true;
  if (process.env['CI'] === 'true') throw new Error(`CI needs ${missing.join(', ')}`);
  process.stderr.write(`SKIPPED: real engines: ${missing.join(', ')} not installed\n`);
  return false;
}

/** Sluice in front of emulators that have real servers behind them. */
export interface EngineGateway extends Pick<Gateway, 'call' | 'close'> {
  readonly engines: Engines;
  /** Everything that a look finds. */
  look(query: string): Promise<ReturnType<typeof lookOf>['items']>;
  /** Ends what the query names; the counts of what came of it. */
  kill(query: string): Promise<ReturnType<typeof operationOf>>;
  flush(target: string, mode: 'graceful' | 'forced', more?: object): Promise<ReturnType<typeof operationOf>>;
}

/** Starts all of it; caps are out of the way. */
export async function openEngineGateway(): Promise<EngineGateway> {
  const engines = await startEngines();
  const vendors = await startVendors({ behind: engines.behind, huawei: { jobMs: 20 } });
  const gateway = await openGateway({
    vendors,
    change: (config) => {
      for (const target of config.targets) Object.assign(target, { maxShare: 1 });
    },
  });
  return {
    engines,
    call: (...call) => gateway.call(...call),
    look: async (query) => {
      const answer = await gateway.call('GET', `/processes?limit=1000&${query}`, { key: demoKeys.admin });
      if (answer.status !== 200) throw new Error(answer.text);
      return lookOf(answer).items;
    },
    kill: async (query) => {
      const answer = await gateway.call('DELETE', `/processes?reason=engines&${query}`);
      if (answer.status >= 300) throw new Error(answer.text);
      return operationOf(answer);
    },
    flush: async (target, mode, more = {}) => {
      const body = { targets: [target], mode, reason: 'engines', ...more };
      const answer = await gateway.call('POST', '/sessions/flush', { body, headers: { prefer: 'wait=20' } });
      if (answer.status >= 300) throw new Error(answer.text);
      return operationOf(answer);
    },
    close: async () => {
      await gateway.close();
      await vendors.close();
      await engines.close();
    },
  };
}
