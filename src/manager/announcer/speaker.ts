/** What an announcer asks of a BGP daemon. */
import type { AnnouncedPath } from './announcer.ts';

export interface Speaker extends Disposable {
  /** Our own paths that the daemon holds, by prefix, as `contentOf` writes them: all, or those of some prefixes. */
  own(prefixes?: readonly string[]): Promise<Map<string, string>>;
  announce(paths: readonly AnnouncedPath[]): Promise<void>;
  withdraw(prefix: string): Promise<void>;
}
