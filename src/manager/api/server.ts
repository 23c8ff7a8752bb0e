/**
 * `/v1/manager`: what the manager sees and does, and the switches. On this machine only: who reaches it can stop it.
 *
 * A listener of its own with `node:http`, as the manager is a process of its own that must not wait for a solver.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EgressoError, ERROR_CATALOG, type ErrorCode } from '../../errors.ts';
import type { ManagedRun } from '../managed-run.ts';
import type { TickResult } from '../manager.ts';
import { metricsText } from './metrics.ts';

export interface ManagerApi extends AsyncDisposable {
  readonly url: string;
}

const HOST = '127.0.0.1';
/** Of events that wait to be read. */
const UNREAD_BYTES = 1_000_000;

/** Errors: SERVICE_UNAVAILABLE where the port cannot be had. */
export async function startApi(run: ManagedRun, port: number): Promise<ManagerApi> {
  const server = createServer((request, response) => {
    answer(run, request, response).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      const code = error instanceof EgressoError ? error.code : 'INTERNAL';
      if (!response.headersSent) sendProblem(response, code, message);
      else response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', ({ message }) => {
      reject(new EgressoError('SERVICE_UNAVAILABLE', `the manager cannot listen on port ${port}: ${message}`));
    });
    server.listen(port, HOST, resolve);
  });
  return {
    url: `http://${HOST}:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Handler = (run: ManagedRun, response: ServerResponse) => Promise<void> | void;

const ROUTES: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
  '/v1/manager': { GET: (run, response) => sendJson(response, stateOf(run)) },
  '/v1/manager/history': {
    GET: (run, response) => sendJson(response, run.history),
  },
  '/v1/manager/events': { GET: streamTicks },
  '/v1/manager/pause': {
    POST(run, response) {
      run.manager.pause();
      sendJson(response, stateOf(run));
    },
  },
  '/v1/manager/resume': {
    POST(run, response) {
      run.manager.resume();
      sendJson(response, stateOf(run));
    },
  },
  '/v1/manager/withdraw': {
    async POST(run, response) {
      const { decision } = await run.withdrawAll();
      sendJson(response, { ...stateOf(run), changes: decision.changes });
    },
  },
  '/metrics': {
    GET(run, response) {
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(metricsText(run));
    },
  },
};

async function answer(run: ManagedRun, request: IncomingMessage, response: ServerResponse): Promise<void> {
  // Pages of other origins may send requests to this machine, but cannot say that they come from it.
  if (!isLocal(request)) return sendProblem(response, 'FORBIDDEN', 'requests come from this machine');
  const path = (request.url ?? '').split('?')[0];
  const route = Object.hasOwn(ROUTES, path) ? ROUTES[path] : undefined;
  if (route === undefined) return sendProblem(response, 'ROUTE_NOT_FOUND', `there is no ${path}`);
  const method = request.method ?? '';
  const handler = Object.hasOwn(route, method) ? route[method] : undefined;
  if (handler === undefined) {
    response.setHeader('allow', Object.keys(route).join(', '));
    return sendProblem(response, 'METHOD_NOT_ALLOWED', `${path} takes ${Object.keys(route).join(', ')}`);
  }
  return handler(run, response);
}

function isLocal({ headers }: IncomingMessage): boolean {
  const host = (headers.host ?? '').replace(/:\d+$/, '');
  return (host === HOST || host === 'localhost') && headers.origin === undefined;
}

function stateOf({ manager, totals, history, telemetry, isWatched }: ManagedRun): object {
  const last = history.at(-1) ?? null;
  return {
    isPaused: manager.isPaused,
    isWatched: isWatched(),
    totals,
    telemetry,
    last,
    overrides: manager.state.overrides,
  };
}

/** A tick is an event; whoever has not read so much of those before is cut off. */
function streamTicks(run: ManagedRun, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.flushHeaders();
  const listening = run.subscribe(({ decision }: TickResult) => {
    const { reallocations: _, ...event } = decision;
    if (response.writableLength > UNREAD_BYTES) response.destroy();
    else response.write(`event: tick\nid: ${decision.tick}\ndata: ${JSON.stringify(event)}\n\n`);
  });
  response.once('close', () => listening[Symbol.dispose]());
}

function sendJson(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** RFC 9457. */
function sendProblem(response: ServerResponse, code: ErrorCode, detail: string): void {
  const { status, title } = ERROR_CATALOG[code];
  const problem = { type: 'about:blank', title, status, detail, code, errors: [] };
  response.writeHead(status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem));
}
