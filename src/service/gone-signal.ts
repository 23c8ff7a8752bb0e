import type { FastifyReply } from 'fastify';

/** Aborts when the connection is gone, be it that the answer has left or that the client has. */
export function goneSignal({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => gone.abort());
  return gone.signal;
}
