import { Command } from 'commander';
import { port } from './arguments.ts';
import { type Session, write } from './session.ts';

interface ServeFlags {
  readonly host: string;
  readonly port: number;
  readonly data: string;
  readonly redis?: string;
}

export function serveCommand(session: Session): Command {
  return new Command('serve')
    .description('Run the HTTP service until it is interrupted.')
    .option('--host <host>', 'address to listen on', '127.0.0.1')
    .option('--port <port>', 'port to listen on; 0 takes any free one', port, 8080)
    .option('--redis <url>', 'jobs are in this Redis, and run by workers; EGRESSO_REDIS_URL says it too')
    .option('--data <dir>', 'where jobs are kept; EGRESSO_DATA says it too', process.env.EGRESSO_DATA ?? 'egresso-data')
    .action((flags: ServeFlags) => serve(flags, session));
}

async function serve({ host, port, data, redis }: ServeFlags, session: Session): Promise<void> {
  const redisUrl = redis ?? (process.env.EGRESSO_REDIS_URL || undefined);
  const interrupted = Promise.withResolvers<void>();
  // From the start: an interrupt while the threads load ends in an orderly way too.
  const listening = session.onInterrupt(() => interrupted.resolve());
  try {
    // Loaded here: no other command needs the HTTP stack.
    const { startServer } = await import('../service/server.ts');
    const server = await startServer({ host, port, jobs: { dataDirectory: data, redisUrl } });
    await write(session.stdout, `egresso listens on ${server.url}\n`);
    await interrupted.promise;
    await server.close();
  } finally {
    listening[Symbol.dispose]();
  }
}
