/** Interface counters by SNMP v2c (IF-MIB, RFC 2863): ifHCOutOctets, of 64 bits, with the agent's sysUpTime (RFC 3418). */
import { isIPv6 } from 'node:net';
import snmp, { type Session, type Varbind } from 'net-snmp';
import type { CounterReading, SnmpInterface, SnmpOptions } from './messages.ts';

const SYS_UP_TIME = '1.3.6.1.2.1.1.3.0';
const IF_NAME = '1.3.6.1.2.1.31.1.1.1.1';
const IF_HC_OUT_OCTETS = '1.3.6.1.2.1.31.1.1.1.10';
const WALK_REPETITIONS = 20;

export class SnmpAgent {
  readonly #interfaces: readonly SnmpInterface[];
  readonly #session: Session;
  /** Interface by index of its row; null until all names were read, and after whatever was not as expected. */
  #rows: Map<string, SnmpInterface> | null = null;
  /** Answers that make no sense. */
  malformedCount = 0;

  constructor(address: string, interfaces: readonly SnmpInterface[], { community, port, timeoutMs }: SnmpOptions) {
    this.#interfaces = interfaces;
    // A name is resolved to IPv4.
    const transport = isIPv6(address) ? 'udp6' : 'udp4';
    const options = { port, version: snmp.Version2c, timeout: timeoutMs, retries: 1, transport } as const;
    this.#session = snmp.createSession(address, community, options);
    // Datagrams that are no answers.
    this.#session.on('error', () => {
      this.malformedCount++;
    });
  }

  /** None of an agent that does not answer, or not so that it makes sense. */
  async read(): Promise<CounterReading[]> {
    try {
      return await this.#read();
    } catch {
      this.#rows = null;
      return [];
    }
  }

  async #read(): Promise<CounterReading[]> {
    const rows = [...(this.#rows ?? (await this.#readRows()))];
    if (rows.length === 0) return [];
    const oids = rows.flatMap(([index]) => [`${IF_NAME}.${index}`, `${IF_HC_OUT_OCTETS}.${index}`]);
    const varbinds = await this.#get([SYS_UP_TIME, ...oids]);
    const upTime = numberOf(varbinds[0]);
    const readings = rows.flatMap(([, { point, interface: name }], at): CounterReading[] => {
      const octets = counter64(varbinds[2 * at + 2]);
      // Rows may be numbered anew, with a restart or without.
      const isOwn = nameOf(varbinds[2 * at + 1]) === name;
      return isOwn && octets !== null && upTime !== null ? [{ point, octets, upTime }] : [];
    });
    this.malformedCount += rows.length - readings.length;
    this.#rows = readings.length === this.#interfaces.length ? new Map(rows) : null;
    return readings;
  }

  async #get(oids: string[]): Promise<Varbind[]> {
    const varbinds = await new Promise<Varbind[]>((resolve, reject) => {
      this.#session.get(oids, (error, answer) => (error ? reject(error) : resolve(answer)));
    });
    // net-snmp has only counted them.
    if (varbinds.every(({ oid }, at) => oid === oids[at])) return varbinds;
    this.malformedCount++;
    throw new Error('an answer to another question');
  }

  async #readRows(): Promise<Map<string, SnmpInterface>> {
    const rows = new Map<string, SnmpInterface>();
    const feed = (varbinds: readonly Varbind[]): void => {
      for (const varbind of varbinds) {
        const index = varbind.oid.slice(IF_NAME.length + 1);
        const found = this.#interfaces.find((one) => one.interface === nameOf(varbind));
        if (found !== undefined && /^\d+$/.test(index)) rows.set(index, found);
      }
    };
    await new Promise<void>((resolve, reject) => {
      this.#session.subtree(IF_NAME, WALK_REPETITIONS, feed, (error) => (error ? reject(error) : resolve()));
    });
    return rows;
  }
}

function numberOf({ value }: Varbind): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

function nameOf({ value }: Varbind): string {
  return Buffer.isBuffer(value) ? value.toString('latin1') : String(value);
}

/** Counter64 comes as up to nine bytes, most significant first. */
export function counter64({ value }: Varbind): bigint | null {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  if (!Buffer.isBuffer(value) || value.length === 0 || value.length > 9) return null;
  const octets = BigInt(`0x${value.toString('hex')}`);
  return octets < 2n ** 64n ? octets : null;
}
