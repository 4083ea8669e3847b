import { expect } from '@jest/globals';
import { gatewayEnvironment } from '../../sandbox/gateway-config.ts';
import { startVendors, type Vendors } from '../../sandbox/vendors.ts';
import { demoKeys, openGateway, type Answer, type CallOptions, type Gateway, type GatewayOptions } from '../gateway.ts';
import { leaksIn } from '../secrets-search.ts';

/** A gateway that is attacked again and again, and what must hold after each time. */
export interface Attacked {
  readonly gateway: Gateway;
  readonly vendors: Vendors;
  /**
   * One call. It has one of these statuses; if it was refused, no vendor heard of it; and the next good call is served.
   */
  call(statuses: readonly number[], method: string, path: string, options?: CallOptions): Promise<Answer>;
  /**
   * The same of bytes: what came back, and the status of each answer in it. A server that only closes has answered
   * nothing.
   */
  raw(
    bytes: Buffer,
    options: { readonly hangsUp: boolean },
  ): Promise<{ readonly text: string; readonly statuses: readonly number[] }>;
  /** More that must be in no answer, no log line and no metric. */
  keepSecret(name: string, secret: string): void;
  /** Closes it, once it is clear that no secret was told. */
  close(): Promise<void>;
}

export async function openAttacked(options: GatewayOptions = {}): Promise<Attacked> {
  const vendors = await startVendors({ huawei: { jobMs: 5 } });
  // Signed: no call for a token stands in the ledger.
  const { change } = options;
  const gateway = await openGateway({
    ...{ vendors, signed: true, ...options },
    change: (config) => {
      // Thousands of calls from one address, and most of them without credentials: what is looked for is not a limit.
      config.limits = {
        caller: { requests: 1_000_000, seconds: 10 },
        records: { megabytes: 1_000_000, seconds: 10 },
        failedAuthentication: { requests: 1_000_000, seconds: 60 },
      };
      change?.(config);
    },
  });
  const said = new Set<string>();
  const secrets = new Map<string, string>(Object.entries({ ...gatewayEnvironment, ...demoKeys }));
  const heard = () => vendors.journal.all().filter(({ vendor }) => vendor !== 'identity');

  async function mustServe(): Promise<void> {
    const { status } = await gateway.call('GET', '/targets/bi-pool');
    if (status !== 200) throw new Error(`The next good call was answered by ${status}.`);
  }

  const mustNotReach = (): void => {
    const [first] = heard();
    if (first) throw new Error(`It was refused, and ${first.vendor} heard of ${first.call}.`);
  };

  return {
    gateway,
    vendors,
    call: async (statuses, method, path, call) => {
      vendors.journal.clear();
      const answer = await gateway.call(method, path, call);
      said.add(answer.text).add(JSON.stringify(answer.headers));
      if (!statuses.includes(answer.status)) {
        throw new Error(
          `It was answered by ${answer.status}, not ${statuses.join(' or ')}: ${answer.text.slice(0, 500)}`,
        );
      }
      if (answer.status >= 400) mustNotReach();
      await mustServe();
      return answer;
    },
    raw: async (bytes, options) => {
      vendors.journal.clear();
      const text = await gateway.raw(bytes, options);
      said.add(text);
      const statuses = [...text.matchAll(/(?:^|(?<=\n|\}))HTTP\/1\.[01] (\d{3})/g)].map(([, status]) => Number(status));
      if (statuses.some((status) => status >= 500)) throw new Error(`It was answered by ${text.slice(0, 500)}`);
      if (!statuses.some((status) => status < 400)) mustNotReach();
      await mustServe();
      return { text, statuses };
    },
    keepSecret: (name, secret) => void secrets.set(name, secret),
    close: async () => {
      try {
        const { text: metrics } = await gateway.call('GET', '/metrics');
        const log = gateway.log.map((line) => JSON.stringify(line)).join('\n');
        expect(leaksIn({ answers: [...said].join('\n'), log, metrics }, secrets)).toEqual([]);
        // What was garbage became no defect, and no label.
        expect(gateway.log.filter((line) => 'level' in line && /error|fatal/.test(String(line.level)))).toEqual([]);
      } finally {
        await gateway.close();
        await vendors.close();
      }
    },
  };
}

/** Bytes as the corpus writes them: text as it is, hexadecimal, or a piece so many times between two others. */
export type Written = string | { readonly hex: string } | Repeated;

interface Repeated {
  readonly begin?: string;
  readonly repeat: string;
  readonly times: number;
  readonly end?: string;
}

export function bytesOf(written: Written): Buffer {
  if (typeof written === 'string') return Buffer.from(written);
  if ('hex' in written) return Buffer.from(written.hex.replaceAll(' ', ''), 'hex');
  const { begin = '', repeat, times, end = '' } = written;
  return Buffer.from(begin + repeat.repeat(times) + end);
}
