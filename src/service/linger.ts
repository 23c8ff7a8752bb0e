/**
 * The end of a connection whose request was answered before its body had come.
 *
 * Closed at once, the answer would be lost: the kernel resets a connection on which unread bytes lie, and a client that is still
 * sending sees the reset first. Read to its end, a body that nobody wants would hold the connection. So for a moment what comes is
 * read and thrown away, and then the connection is closed.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyReply } from 'fastify';

const LINGER_MS = 1000;

export function lingerUnlessRead({ raw: response, request: { raw: request } }: FastifyReply): void {
  if (request.complete !== false || !announcesBody(request.headers)) return;
  const { socket } = request;
  // Where the client asked for a close, Node would close as soon as the answer is written.
  const isLast = !response.shouldKeepAlive;
  response.shouldKeepAlive = true;
  response.once('finish', () => {
    // Node does so by itself where nothing was read.
    request.resume();
    const close = (): void => {
      // What has come in whole leaves its connection to others.
      if (isLast || !request.complete) socket.destroy();
    };
    setTimeout(close, LINGER_MS).unref();
    request.once('end', close);
  });
}

function announcesBody({ 'content-length': length, 'transfer-encoding': coding }: IncomingHttpHeaders): boolean {
  return coding !== undefined || Number(length ?? 0) > 0;
}
