import { logLevels } from '../telemetry/log.js';

/** What Sluice takes from its environment. Secrets are read from it too, where the configuration names them. */
export interface Environment {
  /** The path of the configuration file. */
  readonly file: string;
  readonly logLevel: (typeof logLevels)[number];
  readonly variables: NodeJS.ProcessEnv;
}

/** Reads `SLUICE_CONFIG` and `LOG_LEVEL`. An unknown level is `info`. */
export function readEnvironment(): Environment {
  const { SLUICE_CONFIG: file = './sluice.yaml', LOG_LEVEL: level = 'info' } = process.env;
  return { file, logLevel: logLevels.find((one) => one === level.toLowerCase()) ?? 'info', variables: process.env };
}
