/** JSON lines of pmacct's print plugin (nfacctd, sfacctd): parsed as they come, whatever comes. */
import type { FlowRecord } from '../telemetry/flow-batch.ts';
import { MAPPED_BITS, mappedAddress } from '../telemetry/ip-words.ts';

export interface ExporterPoint {
  /** Index into the points. */
  readonly point: number;
  /** Outgoing interface; null where the exporter has one point only. */
  readonly ifIndex: number | null;
}

/** By address of the exporter. */
export type Exporters = ReadonlyMap<string, readonly ExporterPoint[]>;

/** A line without an end is dropped beyond this many characters. */
const MAX_LINE_LENGTH = 65_536;

export class PmacctParser {
  readonly #exporters: Exporters;
  readonly #heard = new Set<string>();
  #rest = '';
  #isSkipping = false;
  malformedCount = 0;
  /** Records of exporters, or interfaces, of no point. */
  foreignCount = 0;

  constructor(exporters: Exporters) {
    this.#exporters = exporters;
  }

  /** Records of the lines that end in this chunk. */
  push(chunk: string): FlowRecord[] {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    const records: FlowRecord[] = [];
    for (const line of lines) {
      if (this.#isSkipping) {
        this.#isSkipping = false;
        continue;
      }
      const record = this.#parse(line.trim());
      if (record !== null) records.push(record);
    }
    if (this.#rest.length > MAX_LINE_LENGTH) {
      this.#rest = '';
      if (!this.#isSkipping) this.malformedCount++;
      this.#isSkipping = true;
    }
    return records;
  }

  /** What is pushed next begins a line. */
  reset(): void {
    this.#rest = '';
    this.#isSkipping = false;
  }

  /** Points of the exporters that have spoken since the last call. */
  takeHeard(): number[][] {
    const heard = [...this.#heard].map((exporter) => (this.#exporters.get(exporter) ?? []).map(({ point }) => point));
    this.#heard.clear();
    return heard;
  }

  #parse(line: string): FlowRecord | null {
    // The print plugin shares its output with the log of the daemon.
    if (!line.startsWith('{')) return null;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      this.malformedCount++;
      return null;
    }
    const fields = value as Readonly<Record<string, unknown>>;
    const { bytes, packets = 1, peer_ip_src: exporter } = fields;
    const destination = destinationOf(fields);
    if (destination === null || typeof exporter !== 'string' || !isCount(bytes) || !isCount(packets)) {
      this.malformedCount++;
      return null;
    }
    const known = mappedAddress(exporter) ?? exporter;
    const points = this.#exporters.get(known);
    if (points !== undefined) this.#heard.add(known);
    const found = points?.find(({ ifIndex }) => ifIndex === null || ifIndex === fields.iface_out);
    if (found === undefined) {
      this.foreignCount++;
      return null;
    }
    return { point: found.point, ...destination, bytes, packets };
  }
}

const MOST_BITS = 128;

/** A host, or a network with its mask; without one (0 too, where it is not the whole Internet) it stands for its first address. */
function destinationOf({
  ip_dst,
  net_dst,
  mask_dst,
}: Readonly<Record<string, unknown>>): Pick<FlowRecord, 'destination' | 'length'> | null {
  const text = ip_dst ?? net_dst;
  if (typeof text !== 'string') return null;
  const mapped = mappedAddress(text);
  const destination = mapped ?? text;
  if (ip_dst !== undefined || mask_dst === undefined) return { destination };
  if (!Number.isInteger(mask_dst) || !isCount(mask_dst) || mask_dst > MOST_BITS) return null;
  if (mask_dst === 0) return ANY.has(destination) ? { destination, length: 0 } : { destination };
  return { destination, length: mapped !== null && mask_dst >= MAPPED_BITS ? mask_dst - MAPPED_BITS : mask_dst };
}

const ANY = new Set(['0.0.0.0', '::']);

function isCount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}
