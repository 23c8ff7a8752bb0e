/** Interface counters by SNMP v2c (IF-MIB, RFC 2863): ifHCOutOctets, of 64 bits, with the agent's sysUpTime (RFC 3418). */
import snmp, { type Session, type Varbind } from 'net-snmp';
import type { InterfaceReading } from '../decision/observation.ts';
import type { CounterTracker } from '../telemetry/counter-tracker.ts';
import type { InterfaceCollector } from './collector.ts';

const SYS_UP_TIME = '1.3.6.1.2.1.1.3.0';
const IF_NAME = '1.3.6.1.2.1.31.1.1.1.1';
const IF_HC_OUT_OCTETS = '1.3.6.1.2.1.31.1.1.1.10';
const WALK_REPETITIONS = 20;

export interface SnmpInterface {
  readonly point: string;
  /** Address. */
  readonly agent: string;
  /** ifName. */
  readonly interface: string;
}

export interface SnmpOptions {
  readonly community: string;
  readonly port: number;
  readonly timeoutMs: number;
}

export class SnmpInterfaces implements InterfaceCollector {
  readonly #agents: readonly Agent[];
  readonly #tracker: CounterTracker;

  constructor(interfaces: readonly SnmpInterface[], tracker: CounterTracker, options: SnmpOptions) {
    const addresses = [...new Set(interfaces.map(({ agent }) => agent))];
    this.#agents = addresses.map(
      (address) =>
        new Agent(
          address,
          interfaces.filter(({ agent }) => agent === address),
          options,
        ),
    );
    this.#tracker = tracker;
  }

  /** Answers that make no sense. */
  get malformedCount(): number {
    return this.#agents.reduce((sum, { malformedCount }) => sum + malformedCount, 0);
  }

  /** An agent that does not answer leaves its readings as they are: they grow stale. */
  async read(atMs: number): Promise<readonly InterfaceReading[]> {
    await Promise.all(this.#agents.map((agent) => agent.sample(atMs, this.#tracker).catch(() => {})));
    return this.#tracker.readings();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const agent of this.#agents) agent.close();
  }
}

class Agent {
  readonly #interfaces: readonly SnmpInterface[];
  readonly #session: Session;
  /** Point by OID of its counter; null until names were read, and after a restart, which may number anew. */
  #counters: Map<string, string> | null = null;
  #upTime = 0;
  malformedCount = 0;

  constructor(address: string, interfaces: readonly SnmpInterface[], { community, port, timeoutMs }: SnmpOptions) {
    this.#interfaces = interfaces;
    const options = { port, version: snmp.Version2c, timeout: timeoutMs, retries: 1 };
    this.#session = snmp.createSession(address, community, options);
    // Datagrams that are no answers.
    this.#session.on('error', () => {
      this.malformedCount++;
    });
  }

  async sample(atMs: number, tracker: CounterTracker): Promise<void> {
    this.#counters ??= await this.#readNames();
    const oids = [...this.#counters.keys()];
    if (oids.length === 0) {
      this.#counters = null;
      return;
    }
    const [first, ...varbinds] = await this.#get([SYS_UP_TIME, ...oids]);
    const upTime = first === undefined ? null : numberOf(first);
    if (upTime === null) {
      this.malformedCount++;
      return;
    }
    if (upTime < this.#upTime) this.#counters = null;
    this.#upTime = upTime;
    varbinds.forEach((varbind, at) => {
      const octets = counter64(varbind);
      const point = this.#pointAt(oids[at]);
      if (octets === null || varbind.oid !== oids[at] || point === null) this.malformedCount++;
      else tracker.add(point, { atMs, octets, upTime });
    });
  }

  close(): void {
    this.#session.close();
  }

  #pointAt(oid: string): string | null {
    return this.#counters?.get(oid) ?? null;
  }

  #get(oids: string[]): Promise<Varbind[]> {
    return new Promise((resolve, reject) => {
      this.#session.get(oids, (error, varbinds) => (error ? reject(error) : resolve(varbinds)));
    });
  }

  async #readNames(): Promise<Map<string, string>> {
    const counters = new Map<string, string>();
    const feed = (varbinds: readonly Varbind[]): void => {
      for (const { oid, value } of varbinds) {
        const name = Buffer.isBuffer(value) ? value.toString('latin1') : String(value);
        const found = this.#interfaces.find((one) => one.interface === name);
        if (found !== undefined) counters.set(`${IF_HC_OUT_OCTETS}.${oid.slice(IF_NAME.length + 1)}`, found.point);
      }
    };
    await new Promise<void>((resolve, reject) => {
      this.#session.subtree(IF_NAME, WALK_REPETITIONS, feed, (error) => (error ? reject(error) : resolve()));
    });
    return counters;
  }
}

function numberOf(varbind: Varbind): number | null {
  return typeof varbind.value === 'number' && Number.isSafeInteger(varbind.value) && varbind.value >= 0
    ? varbind.value
    : null;
}

/** Counter64 comes as up to nine bytes, most significant first. */
export function counter64({ value }: Varbind): bigint | null {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  if (!Buffer.isBuffer(value) || value.length === 0 || value.length > 9) return null;
  const octets = BigInt(`0x${value.toString('hex')}`);
  return octets < 2n ** 64n ? octets : null;
}
