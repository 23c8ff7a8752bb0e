/** Traffic to the largest prefixes: flow records as pmacct prints them, and counters that count the same bytes. */
import { appendFileSync } from 'node:fs';
import { addressAt } from '../full-table.ts';
import { addressOf, ROUTER_COUNT, type TrafficOptions } from './messages.ts';

const PRINT_MS = 1000;
const PACKET_BYTES = 1000;
/** Volumes fall with the rank: 1 / (rank + 10). */
const weightAt = (k: number): number => 1 / (k + 10);

export class Traffic implements Disposable {
  readonly #options: TrafficOptions;
  /** Border router that the prefix leaves at. */
  readonly #egressOf: (k: number) => number;
  readonly #count: (router: number, bytes: number) => void;
  readonly #timer: NodeJS.Timeout;
  /** Bytes of a record of weight 1. */
  readonly #scale: number;
  #recordCount = 0;
  #begunAt = performance.now();

  constructor(
    options: TrafficOptions,
    egressOf: (k: number) => number,
    count: (router: number, bytes: number) => void,
  ) {
    const { measuredCount, recordsPerSecond, bitsPerSecond } = options;
    this.#options = options;
    this.#egressOf = egressOf;
    this.#count = count;
    const total = Array.from({ length: measuredCount }, (_, k) => weightAt(k)).reduce((sum, one) => sum + one, 0);
    this.#scale = ((bitsPerSecond / 8) * measuredCount) / (recordsPerSecond * total);
    this.#timer = setInterval(() => this.#print(), PRINT_MS);
  }

  /** What is due by now: a timer may be late. */
  #print(): void {
    const { measuredCount, recordsPerSecond, file } = this.#options;
    const due = Math.floor(((performance.now() - this.#begunAt) * recordsPerSecond) / 1000);
    const lines: string[] = [];
    const sent = Array.from({ length: ROUTER_COUNT }, () => 0);
    for (; this.#recordCount < due; this.#recordCount++) {
      const k = this.#recordCount % measuredCount;
      const router = this.#egressOf(k);
      const bytes = Math.ceil(this.#scale * weightAt(k));
      sent[router] += bytes;
      const fields = {
        event_type: 'purge',
        peer_ip_src: addressOf(router),
        ip_dst: addressAt(k, 1 + (this.#recordCount % 254)),
        packets: Math.ceil(bytes / PACKET_BYTES),
        bytes,
      };
      lines.push(`${JSON.stringify(fields)}\n`);
    }
    appendFileSync(file, lines.join(''));
    for (const [router, bytes] of sent.entries()) this.#count(router, bytes);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
