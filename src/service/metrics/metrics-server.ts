/** A port for those who watch a process that takes no other requests. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EgressoError } from '../../errors.ts';
import type { SolverMetrics } from './solver-metrics.ts';

export interface WatchPlace {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
}

export interface MetricsServer {
  /** Such as http://127.0.0.1:9464. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Answers `/metrics`, and `/health/ready` by 200 or 503. No key is asked for: there is nothing but numbers.
 *
 * Errors: SERVICE_UNAVAILABLE where the port cannot be had.
 */
export async function serveMetrics(
  metrics: SolverMetrics,
  isReady: () => Promise<boolean>,
  { host, port }: WatchPlace,
): Promise<MetricsServer> {
  const answer = async (path: string | undefined, response: ServerResponse): Promise<void> => {
    if (path === '/metrics') {
      response.setHeader('content-type', metrics.contentType);
      response.end(await metrics.text());
    } else if (path === '/health/ready') {
      const status = await isReady();
      response.writeHead(status ? 200 : 503).end(status ? 'ready' : 'not ready');
    } else response.writeHead(404).end();
  };
  const server = createServer(({ url }, response) => {
    answer(url?.split('?')[0], response).catch(() => response.writeHead(500).end());
  });
  try {
    await once(server.listen(port, host), 'listening');
  } catch (error) {
    const message = `metrics cannot be told on ${host} port ${port}: ${(error as Error).message}`;
    throw new EgressoError('SERVICE_UNAVAILABLE', message);
  }
  const { address, family, port: taken } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
