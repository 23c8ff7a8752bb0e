/**
 * Whether a watch still tells what the daemon hears. A stream may be lost without a word (grpc-js on a busy machine); a keepalive
 * of HTTP/2 tells of connections only, and grpc-go takes one more often than every five minutes for an attack. So what the daemon
 * counts is held against what the watch says: where a session has taken UPDATEs of which the watch said nothing for a whole tick, or
 * is up or down otherwise than the watch said, the watch is lost.
 */
import type { GobgpPeer, GobgpSession } from '../gobgp/client.ts';

interface SessionView {
  /** As the daemon counted when the watch last said something of the session, or nothing was missing. */
  readonly updateCount: number;
  readonly toldCount: number;
  readonly silentTicks: number;
}

const MOST_PATIENCE = 1024;

export class WatchLiveness {
  readonly #views = new Map<string, SessionView>();
  readonly #toldCounts = new Map<string, number>();
  readonly #toldStates = new Map<string, boolean>();
  /** Ticks that a session may be silent: one, as what it has just taken may be on its way. */
  #patience = 1;

  /** The watch told of a route of this session. */
  heardRoute(address: string): void {
    this.#toldCounts.set(address, (this.#toldCounts.get(address) ?? 0) + 1);
  }

  heardPeer({ address, isEstablished }: GobgpPeer): void {
    this.#toldStates.set(address, isEstablished);
  }

  /** Asked once in each tick, with what the daemon says of its sessions. */
  isAlive(sessions: readonly GobgpSession[]): boolean {
    return sessions.map((session) => this.#silentTicks(session)).every((ticks) => ticks <= this.#patience);
  }

  /** Another watch, of which nothing was heard yet. */
  open(): void {
    this.#views.clear();
    this.#toldCounts.clear();
    this.#toldStates.clear();
  }

  /** `sessions` once it is open, and before the table is read, which has what came until then. */
  begin(sessions: readonly GobgpSession[]): void {
    for (const { address, updateCount } of sessions) {
      this.#views.set(address, { updateCount, toldCount: 0, silentTicks: 0 });
    }
  }

  /**
   * What the table, read anew, says of a watch that was not alive: whether it had missed anything. UPDATEs that change nothing
   * (reflected paths of our own) are no reason to read a table again and again.
   */
  judge(wasLost: boolean): void {
    this.#patience = wasLost ? 1 : Math.min(2 * this.#patience, MOST_PATIENCE);
  }

  #silentTicks({ address, isEstablished, updateCount }: GobgpSession): number {
    const toldCount = this.#toldCounts.get(address) ?? 0;
    const view = this.#views.get(address) ?? { updateCount, toldCount, silentTicks: 0 };
    const isOtherwise = (this.#toldStates.get(address) ?? isEstablished) !== isEstablished;
    const isSilent = isOtherwise || (updateCount !== view.updateCount && toldCount === view.toldCount);
    const silentTicks = isSilent ? view.silentTicks + 1 : 0;
    this.#views.set(address, isSilent ? { ...view, silentTicks } : { updateCount, toldCount, silentTicks });
    return silentTicks;
  }
}
