/** One routing daemon suite of a lab: what every kind can do. */
import type { CommandResult } from '../network/command.ts';
import type { RibRoute } from '../observe/rib.ts';

export interface LabRouterProcess {
  readonly id: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Processes of this router, for tests that kill one. */
  readonly pids: readonly number[];
  /** Ids of the peers whose session is established. */
  establishedPeers(): Promise<readonly string[]>;
  rib(): Promise<RibRoute[]>;
  /** The daemon's own checker over the whole configuration with `policy` in it; nothing is applied. */
  check(policy: string): Promise<CommandResult>;
  /** Replaces the present policy by `policy`; the empty text is the state without any. @throws Error if refused. */
  applyPolicy(policy: string): Promise<void>;
  /** Takes what a renderer gives to lead from the present policy to another one. @throws Error if refused. */
  applyChange(change: string): Promise<void>;
  /** What the daemon says that it runs. */
  runningConfig(): Promise<string>;
}
