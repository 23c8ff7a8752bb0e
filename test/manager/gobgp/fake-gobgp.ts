/** The part of gobgpd that a manager asks: sessions, the table, paths of its own, and a watch that may fall silent. */
import {
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceClientConstructor,
} from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import type { Attribute, GobgpFamily, GobgpPath } from '../../../src/manager/gobgp/path.ts';
import { GOBGP_SCHEMA } from '../../../src/manager/gobgp/schema.ts';

type Done = (error: Error | null, answer: object) => void;
type PathReader = ServerReadableStream<{ readonly paths: readonly GobgpPath[] }, object>;
type PathRequest = ServerUnaryCall<{ readonly path: GobgpPath }, object>;
type Watched = 'ADJIN' | 'BEST';
type Request = {
  readonly family?: GobgpFamily;
  readonly prefixes?: readonly { readonly prefix: string }[];
  readonly table?: { readonly filters?: readonly { readonly type?: Watched }[] } | null;
};
type Stream = ServerWritableStream<Request, object>;

const TYPE = 'type.googleapis.com/apipb.';

export class FakeGobgp implements AsyncDisposable {
  readonly #server: Server;
  readonly #watches = new Map<Stream, Watched>();
  readonly #paths = new Map<string, GobgpPath>();
  readonly #sessions = new Map<string, { isEstablished: boolean; updateCount: number }>();
  readonly address: string;
  /** Nothing is told over watches any more, nor that they have ended. */
  isMute = false;
  /** Whole tables break off after the first path. */
  isBreaking = false;
  /** Whole tables that were read. */
  readingCount = 0;
  /** What it was told to put in, and to take out. */
  readonly orders: string[] = [];
  /** Whole tables are told from the first path on, and the rest, as it was then, when this is done. */
  holding: Promise<void> | null = null;
  /** Of prefixes that it has no path of, all that it was asked with go unanswered. */
  isStrict = false;

  static async start(): Promise<FakeGobgp> {
    const server = new Server();
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const fake: { current: FakeGobgp | null } = { current: null };
    const { service } = (
      loadPackageDefinition(
        fromJSON(GOBGP_SCHEMA as Parameters<typeof fromJSON>[0], {
          keepCase: true,
          longs: Number,
          enums: String,
          defaults: true,
          json: true,
        }),
      ).apipb as unknown as { GobgpApi: ServiceClientConstructor }
    ).GobgpApi;
    server.addService(service, {
      ListPeer: (call: Stream) => fake.current?.listPeers(call),
      ListPath: (call: Stream) => fake.current?.listPaths(call),
      WatchEvent: (call: Stream) => fake.current?.watch(call),
      AddPathStream: (call: PathReader, done: Done) => fake.current?.addPaths(call, done),
      DeletePath: (call: PathRequest, done: Done) => fake.current?.deletePath(call, done),
    });
    const bound = (error: Error | null, port: number): void => (error === null ? resolve(port) : reject(error));
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), bound);
    fake.current = new FakeGobgp(server, `127.0.0.1:${await promise}`);
    return fake.current;
  }

  private constructor(server: Server, address: string) {
    this.#server = server;
    this.address = address;
  }

  /** An UPDATE of a session; `nextHop` null takes the route back. `attributes` besides the usual ones. */
  update(session: string, prefix: string, nextHop: string | null, attributes: readonly Attribute[] = []): void {
    this.count(session);
    const key = `${session} ${prefix}`;
    const usual = pathOf(session, prefix, nextHop ?? '192.0.2.99');
    const path = { ...usual, pattrs: [...(usual.pattrs ?? []), ...attributes] };
    if (nextHop === null) this.#paths.delete(key);
    else this.#paths.set(key, path);
    this.#tell({ table: { paths: [{ ...path, is_withdraw: nextHop === null }] } });
  }

  /** An UPDATE that comes to nothing: no watch is told of it. */
  count(session: string): void {
    const { updateCount } = this.#sessions.get(session) ?? { updateCount: 0 };
    this.#sessions.set(session, { isEstablished: true, updateCount: updateCount + 1 });
  }

  down(session: string): void {
    this.#sessions.set(session, { isEstablished: false, updateCount: 0 });
    for (const key of this.#paths.keys()) if (key.startsWith(`${session} `)) this.#paths.delete(key);
    this.#tell(peerEvent(session, false));
  }

  /** Prefixes of paths that were put in, by whomever. */
  get own(): string[] {
    return [...this.#paths.keys()].flatMap((key) => (key.startsWith(' ') ? [key.split(' ')[1]] : []));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.forceShutdown();
  }

  addPaths(call: PathReader, done: Done): void {
    call.on('data', ({ paths }: { paths: readonly GobgpPath[] }) => {
      for (const path of paths) {
        const given = { ...path, best: true };
        this.orders.push(`add ${prefixOf(path)}`);
        this.#paths.set(ownKey(path), given);
        this.#tell({ table: { paths: [given] } }, 'BEST');
      }
    });
    call.once('end', () => done(null, {}));
  }

  deletePath({ request: { path } }: PathRequest, done: Done): void {
    this.orders.push(`delete ${prefixOf(path)}`);
    this.#paths.delete(ownKey(path));
    done(null, {});
  }

  listPeers(call: Stream): void {
    for (const [address, { isEstablished, updateCount }] of this.#sessions) {
      const { peer } = peerEvent(address, isEstablished).peer;
      call.write({ peer: { state: { ...peer.state, messages: { received: { update: updateCount } } } } });
    }
    call.end();
  }

  async listPaths(call: Stream): Promise<void> {
    const wanted = call.request.prefixes?.map(({ prefix }) => prefix) ?? [];
    if (wanted.length === 0) this.readingCount++;
    const paths = [...this.#paths].filter(([, path]) => path.family?.afi === call.request.family?.afi);
    const held = new Set(paths.map(([key]) => key.split(' ')[1]));
    if (this.isStrict && !wanted.every((prefix) => held.has(prefix))) {
      call.emit('error', Object.assign(new Error('not found'), { code: 5 }));
      return;
    }
    for (const [at, [key, path]] of paths.entries()) {
      const [, prefix = ''] = key.split(' ');
      if (wanted.length === 0 && at === 1) await this.holding;
      if (wanted.length === 0 || wanted.includes(prefix)) call.write({ destination: { prefix, paths: [path] } });
      if (wanted.length === 0 && this.isBreaking) {
        call.emit('error', Object.assign(new Error('broken off'), { code: 14 }));
        return;
      }
    }
    call.end();
  }

  watch(call: Stream): void {
    const isOfBest = call.request.table?.filters?.[0]?.type === 'BEST';
    this.#watches.set(call, isOfBest ? 'BEST' : 'ADJIN');
    call.on('error', () => {});
    call.once('cancelled', () => this.#watches.delete(call));
    if (isOfBest) return;
    for (const [address, { isEstablished }] of this.#sessions) call.write(peerEvent(address, isEstablished));
  }

  #tell(event: object, kind: Watched = 'ADJIN'): void {
    if (this.isMute) return;
    for (const [call, watched] of this.#watches) if (watched === kind) call.write(event);
  }
}

function peerEvent(address: string, isEstablished: boolean) {
  const state = { neighbor_address: address, session_state: isEstablished ? 'ESTABLISHED' : 'IDLE' };
  return { peer: { peer: { state } } };
}

/** Paths of one mark take each other's place, those of two are beside each other. */
function ownKey(path: GobgpPath): string {
  return ` ${prefixOf(path)} ${path.identifier ?? 0}`;
}

function prefixOf({ nlri }: GobgpPath): string {
  return `${String(nlri?.prefix)}/${Number(nlri?.prefix_len)}`;
}

function pathOf(session: string, prefix: string, nextHop: string): GobgpPath {
  const [address, length] = prefix.split('/');
  return {
    nlri: { '@type': `${TYPE}IPAddressPrefix`, prefix: address, prefix_len: Number(length) },
    family: { afi: 'AFI_IP', safi: 'SAFI_UNICAST' },
    neighbor_ip: session,
    identifier: 1,
    pattrs: [
      { '@type': `${TYPE}OriginAttribute`, origin: 0 },
      { '@type': `${TYPE}NextHopAttribute`, next_hop: nextHop },
      { '@type': `${TYPE}LocalPrefAttribute`, local_pref: 100 },
    ],
  };
}
