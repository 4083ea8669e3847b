import type { Emulator } from '../exchange.ts';
import { DCS } from '../huawei/dcs/seed.ts';
import { GAUSSDB } from '../huawei/gaussdb/seed.ts';
import { TAURUSDB } from '../huawei/taurusdb/seed.ts';
import type { Behind } from '../vendors.ts';
import { inFrontOf } from './engine.ts';
import { mariadbProgram, startMariadb, type MariadbEngine } from './mariadb.ts';
import { postgresqlProgram, startPostgresql, type PostgresqlEngine } from './postgresql.ts';
import { redisProgram, startRedis, type RedisEngine } from './redis.ts';

/** Real servers behind the emulators: MariaDB behind TaurusDB, PostgreSQL behind GaussDB, Redis behind DCS. */
export interface Engines {
  readonly mariadb: MariadbEngine;
  readonly postgresql: PostgresqlEngine;
  readonly redis: RedisEngine;
  readonly behind: Behind;
  close(): Promise<void>;
}

/** The Debian packages that are missing here. */
export function missingEngines(): readonly string[] {
  const programs = [
    ['mariadb-server', mariadbProgram()],
    ['postgresql', postgresqlProgram()],
    ['redis-server or valkey-server', redisProgram()],
  ] as const;
  return programs.filter(([, program]) => program === undefined).map(([name]) => name);
}

/** Starts all of them on loopback; throws what is missing. */
export async function startEngines(): Promise<Engines> {
  const missing = missingEngines();
  if (missing.length > 0) throw new Error(`Not installed: ${missing.join(', ')}.`);
  const started: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(started.map((engine) => engine.close()));
  };
  async function on<Started extends { close(): Promise<void> }>(starting: Promise<Started>): Promise<Started> {
    const engine = await starting;
    started.push(engine);
    return engine;
  }
  try {
    const mariadb = await on(startMariadb(mariadbProgram() ?? ''));
    const postgresql = await on(startPostgresql(postgresqlProgram() ?? ''));
    const redis = await on(startRedis(redisProgram() ?? ''));
    return { mariadb, postgresql, redis, behind: behindOf({ mariadb, postgresql, redis }), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function behindOf({ mariadb, postgresql, redis }: Pick<Engines, 'mariadb' | 'postgresql' | 'redis'>): Behind {
  const { instanceId, nodeId, secondNodeId } = DCS;
  const coordinator = { instanceId: GAUSSDB.instanceId, nodeId: GAUSSDB.nodeId, componentId: 'cn_5001' };
  const places = { master: { instanceId, nodeId }, replica: { instanceId, nodeId: secondNodeId } };
  return {
    taurusdb: (emulator, state): Emulator => inFrontOf(mariadb.behind(TAURUSDB, state.taurusdb), emulator),
    gaussdb: (emulator, state): Emulator => inFrontOf(postgresql.behind(coordinator, state.gaussdb), emulator),
    dcs: (emulator, state): Emulator => inFrontOf(redis.behind(places, state.dcs), emulator),
  };
}
