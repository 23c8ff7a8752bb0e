/**
 * What policies call the sessions and prefixes of a network. Names of sessions are letters, digits and underscores,
 * unique within their router, so that they can stand in the text of any router OS whatever an id of the model holds.
 */
import type { BgpNetwork } from './bgp/network.ts';

/** Names of filters and lists have prefixes and suffixes beside this; FRR, BIRD and IOS-XR take 63 and more. */
const MAX_LENGTH = 32;

export class PolicyNames {
  /** Name of each session of the network. */
  readonly sessions: readonly string[];
  /** What each session is called in the configuration of its router; null where nobody says. */
  readonly configured: readonly (string | null)[];
  /** Index of each prefix of the model by its text. */
  readonly prefixIndex: ReadonlyMap<string, number>;
  readonly #indices = new WeakMap<readonly string[], Int32Array>();
  readonly #sessionOf: ReadonlyMap<string, number>;
  readonly #routerOf: ReadonlyMap<string, number>;

  /** `given`: names by peer address, for sessions that have one of their own in the configuration of their router. */
  constructor(network: BgpNetwork, given: Readonly<Record<string, string>> = {}) {
    const { model, sessions } = network;
    this.configured = sessions.map(({ peerAddress }) => (peerAddress === null ? null : (given[peerAddress] ?? null)));
    const { names, sessionOf } = namedSessions(network, this.configured);
    this.sessions = names;
    this.#sessionOf = sessionOf;
    this.#routerOf = new Map(model.routers.map(({ id }, router) => [id, router]));
    this.prefixIndex = new Map(model.prefixes.prefixes.map((prefix, k) => [prefix, k]));
  }

  /** Index of each prefix of a list, -1 where the model does not have it; looked up once for a list. */
  indicesOf(prefixes: readonly string[]): Int32Array {
    const known = this.#indices.get(prefixes);
    return (
      known ??
      this.know(
        prefixes,
        Int32Array.from(prefixes, (prefix) => this.prefixIndex.get(prefix) ?? -1),
      )
    );
  }

  /** Spares the look-up of a list that was made from indices. */
  know(prefixes: readonly string[], indices: Int32Array): Int32Array {
    this.#indices.set(prefixes, indices);
    return indices;
  }

  /** Index of the session, or -1. */
  find(router: string, name: string): number {
    return this.#sessionOf.get(key(this.#routerOf.get(router) ?? -1, name)) ?? -1;
  }
}

/**
 * A name of the configuration stays as it is, then that of a neighbor: what has to be called otherwise than its neighbor takes
 * none of these. By session; and the session by its router and name.
 */
function namedSessions({ model, sessions }: BgpNetwork, configured: readonly (string | null)[]) {
  const wanted = sessions.map(
    ({ neighbor, peerAsn }, s) =>
      configured[s] ?? (neighbor >= 0 ? model.neighbors[neighbor].id : peerAsn > 0 ? `AS${peerAsn}` : 'upstream'),
  );
  const isPlain = (s: number): boolean => plainName(wanted[s]) === wanted[s];
  const rank = (s: number): number =>
    !isPlain(s) ? 3 : configured[s] !== null ? 0 : sessions[s].neighbor >= 0 ? 1 : 2;
  const names = new Array<string>(sessions.length);
  const sessionOf = new Map<string, number>();
  const claim = (s: number, name: string): boolean => {
    const at = key(sessions[s].router, name);
    if (sessionOf.has(at)) return false;
    sessionOf.set(at, s);
    names[s] = name;
    return true;
  };
  const inTurn = sessions.map((_, s) => s).sort((a, b) => rank(a) - rank(b) || a - b);
  for (const s of inTurn.filter((s) => !isPlain(s) || !claim(s, wanted[s]))) {
    const base = plainName(wanted[s]);
    for (let serial = 1; !claim(s, serial === 1 ? base : `${base}_${serial}`); ) serial++;
  }
  return { names, sessionOf };
}

function key(router: number, name: string): string {
  return `${router} ${name}`;
}

/** What is no ASCII letter or digit becomes an underscore; a name starts with a letter. */
function plainName(text: string): string {
  const plain = text.replaceAll(/[^A-Za-z0-9_]/g, '_').slice(0, MAX_LENGTH);
  return /^[A-Za-z]/.test(plain) ? plain : `S${plain}`;
}
