/** A border router as gobgpd sees it: an iBGP session over TCP that tells a full table with add-path, and hears overrides. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { asPathAt, firstAddressOf, nextHopAt, prefixOf, SHARED_BY } from '../full-table.ts';
import * as bgp from './bgp-messages.ts';

const KEEPALIVE_MS = 30_000;
const ASN = 64_500;

export class BorderRouter implements Disposable {
  readonly #number: number;
  readonly #socket: Socket;
  readonly #keepalive: NodeJS.Timeout;
  readonly #established = Promise.withResolvers<void>();
  #unread: Buffer = Buffer.alloc(0);
  /** Next hop by number of the prefix, of what gobgpd has told: overrides, as a table is not reflected. */
  readonly overrides = new Map<number, string>();
  onChange: () => void = () => {};

  /** `address`: of this end; resolves when the session is established. */
  static async start(number: number, address: string, port: number): Promise<BorderRouter> {
    const socket = connect({ host: '127.0.0.1', port, localAddress: address });
    await once(socket, 'connect');
    const router = new BorderRouter(number, socket);
    socket.write(bgp.openMessage(ASN, address));
    await router.#established.promise;
    return router;
  }

  private constructor(number: number, socket: Socket) {
    this.#number = number;
    this.#socket = socket;
    socket.on('data', (chunk) => this.#take(chunk));
    socket.once('close', () => this.#established.reject(new Error('gobgpd has closed the connection')));
    this.#keepalive = setInterval(() => socket.write(bgp.message(bgp.KEEPALIVE)), KEEPALIVE_MS);
  }

  /** Resolves when the system has taken all of it. `prefixCount`: of the table, each with a path id of its own, as FRR does it. */
  async tell(prefixCount: number): Promise<void> {
    for (let k = 0; k < prefixCount; k += SHARED_BY) {
      const route = {
        nextHop: nextHopAt(this.#number),
        asPath: asPathAt(k, this.#number),
        communities: [(1000 + this.#number) * 0x10000 + (k % 50), ASN * 0x10000 + 1],
      };
      const prefixes = Array.from({ length: Math.min(SHARED_BY, prefixCount - k) }, (_, at) => ({
        pathId: 1 + k + at,
        address: firstAddressOf(k + at),
      }));
      if (!this.#socket.write(bgp.updateMessage(route, prefixes))) await once(this.#socket, 'drain');
    }
  }

  #take(chunk: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, chunk]);
    let isChanged = false;
    while (this.#unread.length >= bgp.HEADER_BYTES && this.#unread.length >= this.#unread.readUInt16BE(16)) {
      const length = this.#unread.readUInt16BE(16);
      isChanged = this.#hear(this.#unread[18], this.#unread.subarray(bgp.HEADER_BYTES, length)) || isChanged;
      this.#unread = this.#unread.subarray(length);
    }
    if (isChanged) this.onChange();
  }

  /** Whether overrides are others now. */
  #hear(type: number, body: Buffer): boolean {
    if (type === bgp.OPEN) this.#socket.write(bgp.message(bgp.KEEPALIVE));
    if (type === bgp.KEEPALIVE) this.#established.resolve();
    if (type === bgp.NOTIFICATION) throw new Error(`gobgpd ends the session: ${body.toString('hex')} (RFC 4271, 4.5)`);
    if (type !== bgp.UPDATE) return false;
    const { withdrawn, announced, nextHop } = bgp.heardUpdate(body);
    for (const address of withdrawn) this.overrides.delete(prefixOf(address));
    for (const address of announced) this.overrides.set(prefixOf(address), nextHop);
    return true;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#keepalive);
    this.#socket.destroy();
  }
}
