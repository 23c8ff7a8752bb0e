/**
 * `/v1/manager`: what the manager sees and does, and the switches. On this machine only, unless it asks for keys: who reaches it can
 * stop it.
 *
 * A listener of its own with `node:http`, as the manager is a process of its own that must not wait for a solver.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, isIPv6, type Socket } from 'node:net';
import { EgressoError } from '../../errors.ts';
import { Gate, Refusal } from '../../http/access/gate.ts';
import type { KeySet } from '../../http/access/key-set.ts';
import { isLoopback } from '../../http/access/loopback.ts';
import { answerClientError } from '../../http/client-error.ts';
import { PROBLEM_TYPE, problemOf } from '../../http/problem.ts';
import type { ManagedRun } from '../managed-run.ts';
import { ROUTES } from './routes.ts';

export interface ManagerApi extends AsyncDisposable {
  readonly url: string;
}

export interface ApiOptions {
  /** This machine by default. */
  readonly host?: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Time for the header fields of a request to arrive, ms. */
  readonly headersTimeoutMs?: number;
}

const LOCAL_HOST = '127.0.0.1';
/** No route takes a body: what a client sends for form's sake is passed over. */
const BODY_BYTES = 1_000;
const MOST_CONNECTIONS = 256;
const HEADERS_TIMEOUT_MS = 10_000;
const TIMEOUTS = { requestTimeout: 15_000, keepAliveTimeout: 60_000, connectionsCheckingInterval: 500 };
/** Where nothing better is known. */
const RETRY_AFTER = { 'retry-after': '1' };

/** Who may ask. Errors: OPTIONS_INVALID with its pointer where others than this machine could, without a key. */
export async function apiGate(host: string, keys: KeySet | undefined): Promise<Gate> {
  if (keys === undefined && !(await isLoopback(host))) {
    const message = `must be this machine where there are no keys, not ${JSON.stringify(host)}: set api.keys or EGRESSO_KEYS`;
    throw new EgressoError('OPTIONS_INVALID', `/api/host ${message}`, [{ pointer: '/api/host', message }]);
  }
  return new Gate(keys);
}

/** Errors: SERVICE_UNAVAILABLE where the port cannot be had. */
export async function startApi(
  run: ManagedRun,
  { host = LOCAL_HOST, port, headersTimeoutMs = HEADERS_TIMEOUT_MS }: ApiOptions,
  gate: Gate = new Gate(undefined),
): Promise<ManagerApi> {
  const server = createServer({ ...TIMEOUTS, headersTimeout: headersTimeoutMs }, (request, response) => {
    answer(run, gate, request, response).catch((error: unknown) => sendFault(response, error));
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => answerClientError(error, socket as Socket));
  await new Promise<void>((resolve, reject) => {
    server.once('error', ({ message }) => {
      reject(new EgressoError('SERVICE_UNAVAILABLE', `the manager cannot listen on ${host} port ${port}: ${message}`));
    });
    server.listen(port, host, resolve);
  });
  const address = isIPv6(host) ? `[${host}]` : host;
  return {
    url: `http://${address}:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(run: ManagedRun, gate: Gate, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { headers, method = '', url = '' } = request;
  const [path] = url.split('?');
  const routes = Object.hasOwn(ROUTES, path) ? ROUTES[path] : undefined;
  const route = routes !== undefined && Object.hasOwn(routes, method) ? routes[method] : undefined;
  const hostname = (headers.host ?? '').replace(/:\d+$/, '');
  gate.admit({ authorization: headers.authorization, hostname }, route?.access ?? 'solve', performance.now());
  // Pages of other origins may send requests to this machine; but they have no key.
  if (!gate.hasKeys && headers.origin !== undefined)
    throw new EgressoError('FORBIDDEN', 'without keys no page may ask');
  if (routes === undefined) throw new EgressoError('ROUTE_NOT_FOUND', `there is no ${path}`);
  if (route === undefined) {
    const methods = Object.keys(routes).join(', ');
    response.setHeader('allow', methods);
    throw new EgressoError('METHOD_NOT_ALLOWED', `${path} takes ${methods}`);
  }
  refuseBody(request, response);
  return route.answer(run, response);
}

function refuseBody({ headers }: IncomingMessage, response: ServerResponse): void {
  const isSmall = Number(headers['content-length'] ?? 0) <= BODY_BYTES;
  if (isSmall && headers['transfer-encoding'] === undefined) return;
  response.setHeader('connection', 'close');
  throw new EgressoError('BODY_TOO_LARGE', `a body of ${BODY_BYTES} bytes, of known length, is passed over; no more`);
}

/** A problem document (RFC 9457). */
function sendFault(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const reason = error instanceof Error ? error.message : String(error);
  const problem = problemOf(error instanceof EgressoError ? error : new EgressoError('INTERNAL', reason));
  const isTemporary = problem.status === 429 || problem.status === 503;
  const headers = { ...(isTemporary && RETRY_AFTER), ...(error instanceof Refusal && error.headers) };
  response.writeHead(problem.status, { 'content-type': PROBLEM_TYPE, ...headers }).end(JSON.stringify(problem));
}
