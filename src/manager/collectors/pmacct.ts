/** JSON lines of pmacct's print plugin (nfacctd, sfacctd): parsed as they come, whatever comes. */
import type { FlowRecord } from './collector.ts';

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
    const destination = fields.ip_dst ?? fields.net_dst;
    const { bytes, packets = 1, peer_ip_src: exporter } = fields;
    if (typeof destination !== 'string' || typeof exporter !== 'string' || !isCount(bytes) || !isCount(packets)) {
      this.malformedCount++;
      return null;
    }
    const points = this.#exporters.get(exporter) ?? [];
    const found = points.find(({ ifIndex }) => ifIndex === null || ifIndex === fields.iface_out);
    if (found === undefined) {
      this.foreignCount++;
      return null;
    }
    return { point: found.point, destination, bytes, packets };
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}
