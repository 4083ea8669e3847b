/** Where a client is connected from, as far as that can be read. */
export interface Host {
  /** Of an IPv6 address in its shortest form; an IPv4 address that is written as an IPv6 one is that IPv4 address. */
  readonly address: string;
  readonly port: string | null;
  readonly is: 'v4' | 'v6' | 'name';
}

const octet = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const v4 = new RegExp(`^(?:${octet}\\.){3}${octet}$`);
const name = /^(?=.*[A-Za-z_])[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?$/;
const mostPort = 65_535;

/**
 * Reads a host in every form that MySQL (`host:port`, also of a bare IPv6 address), openGauss and Redis write. A name
 * is as good as an address, and so is the path of a socket. Null where it is unknown who is meant.
 */
export function readHost(text: string): Host | null {
  const written = text.trim();
  const [, bracketed, bracketedPort] = /^\[([^\]]*)\](?::(\d{1,5}))?$/.exec(written) ?? [];
  if (bracketed !== undefined) return hostOf(readAddress(bracketed), bracketedPort ?? null);
  const [, head = '', port = ''] = /^(.*):(\d{1,5})$/.exec(written) ?? [];
  if (written.startsWith('/')) return { address: head === '' ? written : head, port: port || null, is: 'name' };
  const withPort = head === '' ? null : hostOf(readAddress(head), port);
  return withPort ?? hostOf(readAddress(written), null);
}

function hostOf(host: Omit<Host, 'port'> | null, port: string | null): Host | null {
  return host === null || Number(port ?? 0) > mostPort ? null : { ...host, port };
}

function readAddress(text: string): Omit<Host, 'port'> | null {
  // openGauss may write an address as the network of one.
  const address = text.replace(text.includes(':') ? /\/128$/ : /\/32$/, '');
  if (v4.test(address)) return { address, is: 'v4' };
  if (!address.includes(':')) return name.test(address) ? { address, is: 'name' } : null;
  return readV6(address);
}

function readV6(text: string): Omit<Host, 'port'> | null {
  const [bare = '', zone] = text.split('%');
  if (zone === '' || !/^[0-9A-Fa-f:.]+$/.test(bare) || !URL.canParse(`http://[${bare}]/`)) return null;
  const address = new URL(`http://[${bare}]/`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address) ?? [];
  if (high === undefined || low === undefined) return { address, is: 'v6' };
  const [left, right] = [parseInt(high, 16), parseInt(low, 16)];
  return { address: [left >> 8, left & 255, right >> 8, right & 255].join('.'), is: 'v4' };
}

/**
 * How a client is shown: the vendor's own words, but a bare IPv6 address with a port has brackets. Null for nothing.
 */
export function clientFrom(text: string | null): string | null {
  const written = text?.trim() ?? '';
  if (written === '') return null;
  // Only a bare IPv6 address has two colons: most are not read at all.
  const host = written.startsWith('[') || !/:.*:/.test(written) ? null : readHost(written);
  if (host === null || host.port === null) return written;
  return `[${written.slice(0, written.lastIndexOf(':'))}]:${host.port}`;
}

/** How a client is shown whose address and port the vendor tells apart. */
export function clientAt(address: string | null, port: string | null): string | null {
  const host = address?.trim().replace(/\/\d+$/, '') ?? '';
  if (host === '') return null;
  if (port === null || !/^[1-9]\d{0,4}$/.test(port.trim())) return host;
  return host.includes(':') ? `[${host}]:${port.trim()}` : `${host}:${port.trim()}`;
}

/** Every way to write a client that a filter may use: with and without its port and its brackets. */
export function spellingsOf(client: string, { address, port, is }: Host): readonly string[] {
  const addresses = is === 'v4' ? [address, `::ffff:${address}`] : [address];
  const cased = is === 'v6' ? [...addresses, address.toUpperCase()] : addresses;
  return [client, ...cased.flatMap((one) => formsOf(one, port))];
}

function formsOf(address: string, port: string | null): readonly string[] {
  const isV6 = address.includes(':') && !address.startsWith('/');
  const bare = isV6 ? [address, `[${address}]`] : [address];
  return port === null ? bare : [...bare, isV6 ? `[${address}]:${port}` : `${address}:${port}`];
}

/**
 * The hosts that one written value may mean. An IPv6 address without brackets whose last group might be a port means
 * the address; only what must not spare too little takes it for both.
 */
export function meantHosts(value: string, isWide: boolean): readonly Host[] {
  const whole = hostOf(readAddress(value.trim()), null);
  const split = readHost(value);
  if (whole === null) return split === null ? [] : [split];
  return isWide && split !== null && split.port !== null ? [whole, split] : [whole];
}

/**
 * Why a filter by client matches nobody, though it plainly means a network or an address; null if there is nothing to
 * say.
 */
export function misreadClient(text: string): string | null {
  const written = text.replace(/^!/, '');
  if (/^[0-9A-Fa-f.:[\]]*[.:][0-9A-Fa-f.:[\]]*\/\d+$/.test(written) && readHost(written) === null) {
    return 'takes no network with a mask: write 10.0.0.* for addresses that begin so';
  }
  const looksLikeAddress = /^[\d.]+\.[\d.]*(?::\d+)?$|^\[.*\](?::\d+)?$/.test(written) && !written.includes('*');
  return looksLikeAddress && readHost(written) === null ? 'is no address' : null;
}
