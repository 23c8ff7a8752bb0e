/** What is told of faults of Redis: once while they go on, and never the command, in which a password or a body may stand. */

/** What goes on is told again. */
const AGAIN_MS = 60_000;
const MOST_REMEMBERED = 1000;

export function toldOnce(
  tell: (error: unknown) => void,
  now: () => number = () => performance.now(),
): (error: unknown) => void {
  const toldAt = new Map<string, number>();
  return (error) => {
    const plain = withoutCommand(error);
    const { name = '', message = '' } = plain as { name?: string; message?: string };
    const key = `${name}: ${message}`;
    if (now() - (toldAt.get(key) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS) return;
    if (toldAt.size === MOST_REMEMBERED) toldAt.clear();
    toldAt.set(key, now());
    tell(plain);
  };
}

/** Errors of the client have the command with its arguments: those of AUTH, and bytes of bodies. */
export function withoutCommand(error: unknown): unknown {
  if (!(error instanceof Error) || !('command' in error)) return error;
  const { name, message, stack } = error;
  return Object.assign(new Error(message), { name, stack });
}
