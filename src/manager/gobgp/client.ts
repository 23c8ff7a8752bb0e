/** GoBGP over gRPC: the only use of @grpc. Calls that fail throw SERVICE_UNAVAILABLE. */
import {
  type ClientReadableStream,
  credentials,
  loadPackageDefinition,
  type ServiceClientConstructor,
} from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import { EgressoError } from '../../errors.ts';
import { FAMILIES, type GobgpFamily, type GobgpPath, isFromGrpc, type ReceivedRoute, receivedRoute } from './path.ts';
import { PathDecoder, type RawPath } from './path-decoder.ts';
import { GOBGP_SCHEMA } from './schema.ts';

const MAX_MESSAGE_BYTES = 256 * 2 ** 20;
/** `tableMs`: 3M paths at 30,000 a second, six times over. */
const DEADLINES: GobgpDeadlines = { callMs: 10_000, tableMs: 600_000 };
/** Paths in a message of a stream. */
const BATCH_SIZE = 200;

/** grpc-js ends its reason so where it has nothing to say of the name. */
const EMPTY_NOTE = /\.? Resolution note:\s*$/;

export interface GobgpDeadlines {
  /** Of every call but those below. A watch has none: it lasts as long as the session. */
  readonly callMs: number;
  /** Of a whole table. */
  readonly tableMs: number;
}

export interface GobgpPeer {
  readonly address: string;
  readonly isEstablished: boolean;
}

export interface GobgpSession extends GobgpPeer {
  /** UPDATE messages that the daemon has received, as it counts them. */
  readonly updateCount: number;
}

export interface GobgpWatch {
  onRoute(route: ReceivedRoute): void;
  onPeer(peer: GobgpPeer): void;
  /** The stream is over; null where it was closed from here. */
  onEnd(error: Error | null): void;
}

type Callback = (error: Error | null) => void;
interface Call {
  cancel(): void;
  once(event: string, listener: () => void): unknown;
}
interface RawPeer {
  readonly state?: {
    readonly neighbor_address?: string;
    readonly session_state?: string;
    readonly messages?: { readonly received?: { readonly update?: number } | null } | null;
  } | null;
}
interface RawEvent {
  readonly peer?: { readonly peer?: RawPeer | null } | null;
  readonly table?: { readonly paths?: readonly RawPath[] } | null;
}
interface RawClient {
  ListPeer(request: object, options: object): ClientReadableStream<{ peer?: RawPeer | null }>;
  ListPath(request: object, options: object): ClientReadableStream<{ destination?: { paths?: RawPath[] } | null }>;
  WatchEvent(request: object): ClientReadableStream<RawEvent>;
  AddPathStream(options: object, done: Callback): Call & { write(request: object): boolean; end(): void };
  DeletePath(request: object, options: object, done: Callback): Call;
  close(): void;
}

export class GobgpClient implements Disposable {
  readonly #raw: RawClient;
  readonly #address: string;
  readonly #deadlines: GobgpDeadlines;
  readonly #decoder: PathDecoder;
  /** Under way. */
  readonly #calls = new Set<Call>();

  constructor(address: string, deadlines: GobgpDeadlines = DEADLINES) {
    this.#address = address;
    this.#deadlines = deadlines;
    const options = { keepCase: true, longs: Number, enums: String, defaults: true } as const;
    const definition = fromJSON(GOBGP_SCHEMA as Parameters<typeof fromJSON>[0], options);
    this.#decoder = new PathDecoder(definition);
    const { GobgpApi } = loadPackageDefinition(definition).apipb as unknown as { GobgpApi: ServiceClientConstructor };
    const limits = { 'grpc.max_receive_message_length': MAX_MESSAGE_BYTES, 'grpc.max_reconnect_backoff_ms': 5000 };
    this.#raw = new GobgpApi(address, credentials.createInsecure(), limits) as unknown as RawClient;
  }

  async sessions(): Promise<GobgpSession[]> {
    const sessions: GobgpSession[] = [];
    try {
      for await (const { peer } of this.#open(this.#raw.ListPeer({}, this.#deadline()))) {
        sessions.push({ ...peerOf(peer), updateCount: peer?.state?.messages?.received?.update ?? 0 });
      }
    } catch (error) {
      throw this.#unavailable(error);
    }
    return sessions;
  }

  /** All paths of the global table, or those of some prefixes. */
  async *routes(prefixes?: readonly string[]): AsyncGenerator<ReceivedRoute> {
    for (const family of FAMILIES) {
      const isIpv6 = family.afi === 'AFI_IP6';
      const wanted = prefixes?.filter((prefix) => prefix.includes(':') === isIpv6);
      try {
        if (wanted === undefined) yield* this.#list(family, [], this.#deadlines.tableMs);
        else if (wanted.length > 0) yield* await this.#find(family, wanted);
      } catch (error) {
        throw this.#unavailable(error);
      }
    }
  }

  /** An answer that one of them is in no table says nothing of the others: they are asked for by halves. */
  async #find(family: GobgpFamily, prefixes: readonly string[]): Promise<ReceivedRoute[]> {
    try {
      const routes: ReceivedRoute[] = [];
      for await (const route of this.#list(family, prefixes, this.#deadlines.callMs)) routes.push(route);
      return routes;
    } catch (error) {
      if (!isNotFound(error)) throw error;
      const half = prefixes.length >> 1;
      if (half === 0) return [];
      return [
        ...(await this.#find(family, prefixes.slice(0, half))),
        ...(await this.#find(family, prefixes.slice(half))),
      ];
    }
  }

  async *#list(family: GobgpFamily, prefixes: readonly string[], limitMs: number): AsyncGenerator<ReceivedRoute> {
    const request = { table_type: 'GLOBAL', family, prefixes: prefixes.map((prefix) => ({ prefix })) };
    for await (const { destination } of this.#open(this.#raw.ListPath(request, this.#deadline(limitMs)))) {
      yield* this.#received(destination?.paths ?? []);
    }
  }

  /** Updates as they are received, and states of sessions; what there was before is not told. */
  watch({ onRoute, onPeer, onEnd }: GobgpWatch): Disposable {
    const request = { peer: {}, table: { filters: [{ type: 'ADJIN', init: false }] } };
    const onEvent = ({ peer, table }: RawEvent): (() => void) => {
      const routes = this.#received(table?.paths ?? []);
      return () => {
        routes.forEach(onRoute);
        if (peer?.peer) onPeer(peerOf(peer.peer));
      };
    };
    return this.#listen(request, onEvent, onEnd);
  }

  /** Paths that were put in over gRPC, by whomever, as they come to be chosen: what is not chosen is told to no router. */
  watchGiven({ onRoute, onEnd }: Omit<GobgpWatch, 'onPeer'>): Disposable {
    const onEvent = ({ table }: RawEvent): (() => void) => {
      const routes = this.#received((table?.paths ?? []).filter(isFromGrpc));
      return () => routes.forEach(onRoute);
    };
    return this.#listen({ table: { filters: [{ type: 'BEST', init: false }] } }, onEvent, onEnd);
  }

  #received(paths: readonly RawPath[]): ReceivedRoute[] {
    return paths.map((path) => receivedRoute(this.#decoder.decode(path))).filter((route) => route !== null);
  }

  /** `read`: what an event says, to be told; where it throws, the event is none, and the watch is over. */
  #listen(request: object, read: (event: RawEvent) => () => void, onEnd: GobgpWatch['onEnd']): Disposable {
    const stream = this.#raw.WatchEvent(request);
    let isClosed = false;
    let isOver = false;
    const end = (error: unknown): void => {
      if (isOver) return;
      isOver = true;
      onEnd(isClosed || error === null ? null : this.#unavailable(error));
    };
    stream.on('data', (event: RawEvent) => {
      if (isOver) return;
      let tell: () => void;
      try {
        tell = read(event);
      } catch (error) {
        end(error);
        stream.cancel();
        return;
      }
      tell();
    });
    stream.once('error', end);
    stream.once('end', () => end(null));
    return {
      [Symbol.dispose]: () => {
        isClosed = true;
        stream.cancel();
      },
    };
  }

  /** In batches; waits where the daemon does not keep up. */
  async add(paths: readonly GobgpPath[]): Promise<void> {
    if (paths.length === 0) return;
    const { call, answered } = this.#begin((done) => this.#raw.AddPathStream(this.#deadline(), done));
    const send = async (): Promise<void> => {
      for (let from = 0; from < paths.length; from += BATCH_SIZE) {
        const request = { table_type: 'GLOBAL', paths: paths.slice(from, from + BATCH_SIZE) };
        if (!call.write(request))
          await Promise.race([new Promise<void>((drained) => call.once('drain', drained)), answered]);
      }
      call.end();
    };
    await Promise.all([send(), answered]);
  }

  async delete(path: GobgpPath): Promise<void> {
    const request = { table_type: 'GLOBAL', family: path.family, path };
    await this.#begin((done) => this.#raw.DeletePath(request, this.#deadline(), done)).answered;
  }

  /** Calls under way are given up. It may be closed again. */
  [Symbol.dispose](): void {
    for (const call of this.#calls) call.cancel();
    this.#raw.close();
  }

  /** A call that is answered once. */
  #begin<T extends Call>(begin: (done: Callback) => T): { readonly call: T; readonly answered: Promise<void> } {
    const { promise: answered, resolve, reject } = Promise.withResolvers<void>();
    try {
      const call = this.#open(begin((error) => (error ? reject(this.#unavailable(error)) : resolve())));
      return { call, answered };
    } catch (error) {
      // It was closed.
      throw this.#unavailable(error);
    }
  }

  #open<T extends Call>(call: T): T {
    this.#calls.add(call);
    call.once('status', () => this.#calls.delete(call));
    return call;
  }

  #deadline(ms: number = this.#deadlines.callMs): { readonly deadline: number } {
    return { deadline: Date.now() + ms };
  }

  #unavailable(error: unknown): EgressoError {
    const text = error instanceof Error ? error.message : String(error);
    const reason = text.replace(EMPTY_NOTE, '');
    return new EgressoError('SERVICE_UNAVAILABLE', `GoBGP at ${this.#address}: ${reason}`);
  }
}

function peerOf(peer: RawPeer | null | undefined): GobgpPeer {
  const { neighbor_address: address = '', session_state: state } = peer?.state ?? {};
  return { address, isEstablished: state === 'ESTABLISHED' };
}

/** gRPC status 5, or GoBGP's text for it. */
function isNotFound(error: unknown): boolean {
  return (
    error instanceof Error && (('code' in error && error.code === 5) || /not found|not in table/i.test(error.message))
  );
}
