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
    const taken = new Map<string, number>();
    this.configured = sessions.map(({ peerAddress }) => (peerAddress === null ? null : (given[peerAddress] ?? null)));
    this.sessions = sessions.map(({ router, neighbor, peerAsn }, session) => {
      const base = plainName(
        this.configured[session] ??
          (neighbor >= 0 ? model.neighbors[neighbor].id : peerAsn > 0 ? `AS${peerAsn}` : 'upstream'),
      );
      for (let serial = 1; ; serial++) {
        const name = serial === 1 ? base : `${base}_${serial}`;
        if (taken.has(key(router, name))) continue;
        taken.set(key(router, name), session);
        return name;
      }
    });
    this.#sessionOf = taken;
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

function key(router: number, name: string): string {
  return `${router} ${name}`;
}

/** What is no ASCII letter or digit becomes an underscore; a name starts with a letter. */
function plainName(text: string): string {
  const plain = text.replaceAll(/[^A-Za-z0-9_]/g, '_').slice(0, MAX_LENGTH);
  return /^[A-Za-z]/.test(plain) ? plain : `S${plain}`;
}
