/** What an announcer asks of a BGP daemon. */
import type { AnnouncedPath } from './announcer.ts';

export interface Speaker extends Disposable {
  /** Equal texts, equal paths on the wire. */
  content(path: AnnouncedPath): string;
  /** Contents of our own paths that the daemon holds, by prefix: of all, or of some prefixes. */
  own(prefixes?: readonly string[]): Promise<Map<string, string>>;
  announce(paths: readonly AnnouncedPath[]): Promise<void>;
  withdraw(prefix: string): Promise<void>;
}
