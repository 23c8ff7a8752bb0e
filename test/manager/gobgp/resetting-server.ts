/** A gRPC server that answers nothing as it should: resets, statuses, garbage, messages without an end, dead connections. */
import { once } from 'node:events';
import { constants, createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';

const HEADERS = { ':status': 200, 'content-type': 'application/grpc+proto' } as const;
/** Of the calls, those that take the connection with them. */
const CONNECTION_SHARE = 1 / 2000;

export class ResettingServer implements AsyncDisposable {
  readonly #server: Http2Server;
  readonly #sessions = new Set<ServerHttp2Session>();
  /** Calls that were spoiled. */
  spoiledCount = 0;

  static async start(random: () => number): Promise<ResettingServer> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ResettingServer(server, random);
  }

  private constructor(server: Http2Server, random: () => number) {
    this.#server = server;
    server.on('session', (session) => {
      this.#sessions.add(session);
      session.on('error', () => {});
      session.once('close', () => this.#sessions.delete(session));
    });
    server.on('stream', (stream) => {
      stream.on('error', () => {});
      this.spoiledCount++;
      if (random() < CONNECTION_SHARE) stream.session?.destroy();
      else spoil(stream, random);
    });
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const session of this.#sessions) session.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

function spoil(stream: ServerHttp2Stream, random: () => number): void {
  const below = (bound: number): number => Math.floor(random() * bound);
  const garbage = (length: number): Buffer => Buffer.from(Array.from({ length }, () => below(256)));
  const ways = [
    () => stream.close(below(14)),
    () => stream.respond({ ...HEADERS, 'grpc-status': String(1 + below(16)) }, { endStream: true }),
    () => stream.respond({ ':status': 400 + below(200) }, { endStream: true }),
    () => {
      stream.respond(HEADERS);
      stream.write(garbage(1 + below(60)));
      stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    },
    () => {
      stream.respond(HEADERS);
      stream.end(garbage(1 + below(60)));
    },
    () => {
      // A whole message, whose content is none.
      const content = garbage(below(40));
      const prefix = Buffer.alloc(5);
      prefix.writeUInt32BE(content.length, 1);
      stream.respond(HEADERS, { waitForTrailers: true });
      stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(Buffer.concat([prefix, content]));
    },
  ];
  ways[below(ways.length)]();
}
