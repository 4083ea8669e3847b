import { logLevels } from '../telemetry/log.js';

/** What Sluice takes from its environment. Secrets are read from it too, where the configuration names them. */
export interface Environment {
  /** The path of the configuration file. */
  readonly file: string;
  readonly logLevel: (typeof logLevels)[number];
  /** Is there an OpenTelemetry collector to send spans to? */
  readonly traces: boolean;
  readonly variables: NodeJS.ProcessEnv;
}

/** Reads `SLUICE_CONFIG`, `LOG_LEVEL` and whether `OTEL_EXPORTER_OTLP_ENDPOINT` is set. An unknown level is `info`. */
export function readEnvironment(): Environment {
  const { SLUICE_CONFIG: file = './sluice.yaml', LOG_LEVEL: level = 'info' } = process.env;
  const { OTEL_EXPORTER_OTLP_ENDPOINT: collector = '', OTEL_SDK_DISABLED: disabled = '' } = process.env;
  return {
    file,
    logLevel: logLevels.find((one) => one === level.toLowerCase()) ?? 'info',
    traces: collector.trim() !== '' && disabled.toLowerCase() !== 'true',
    variables: process.env,
  };
}
