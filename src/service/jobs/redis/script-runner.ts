import type { Redis } from 'ioredis';
import { orUnavailable } from './connection.ts';
import { SCRIPTS, type ScriptName, scriptText } from './scripts.ts';

type Command = (...values: (string | number)[]) => Promise<string | string[]>;

/** Runs the scripts on a connection. Errors: STORAGE_UNAVAILABLE. */
export class ScriptRunner {
  readonly #commands: Map<string, Command>;

  constructor(redis: Redis) {
    const names = Object.keys(SCRIPTS) as ScriptName[];
    for (const name of names) redis.defineCommand(name, { numberOfKeys: 0, lua: scriptText(name) });
    const commands = redis as unknown as Record<ScriptName, Command>;
    this.#commands = new Map(names.map((name) => [name, (...values) => commands[name](...values)]));
  }

  async run(name: ScriptName, ...values: (string | number)[]): Promise<string[]> {
    const command = this.#commands.get(name) as Command;
    return [await orUnavailable(command(...values))].flat();
  }
}
