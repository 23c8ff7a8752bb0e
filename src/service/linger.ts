/**
 * The end of a connection whose request was answered before its body had come.
 *
 * Closed at once, the answer would be lost: the kernel resets a connection on which unread bytes lie, and a client that is still
 * sending sees the reset first. Read to its end, a body that nobody wants would hold the connection. So for a moment what comes is
 * read and thrown away, and then the connection is closed.
 */
import type { FastifyReply } from 'fastify';

const LINGER_MS = 1000;

export function lingerUnlessRead({ raw: response, request: { raw: request } }: FastifyReply): void {
  if (request.complete !== false) return;
  const { socket } = request;
  // Also where the client asked for a close: Node would do so as soon as the answer is written.
  response.shouldKeepAlive = true;
  response.once('finish', () => {
    // Node does so by itself where nothing was read.
    request.resume();
    const end = (): void => {
      // What has come to its end meanwhile, or had before the answer left, keeps its connection: others may be using it.
      if (!request.complete) socket.destroy();
    };
    setTimeout(end, LINGER_MS).unref();
  });
}
