/** What the API answers, and what it asks of whoever asks. */
import type { ServerResponse } from 'node:http';
import { EgressoError } from '../../errors.ts';
import type { Role } from '../../http/access/caller.ts';
import type { ManagedRun } from '../managed-run.ts';
import type { TickResult } from '../manager.ts';
import { metricsText } from './metrics.ts';

export interface Route {
  /** `solve` is any key: whoever has one may look, and an admin may turn switches. */
  readonly access: Role;
  readonly answer: (run: ManagedRun, response: ServerResponse) => Promise<void> | void;
}

/** Of events that wait to be read. */
const UNREAD_BYTES = 1_000_000;
/** Those who listen at a time; each is written to in every tick. */
const MOST_LISTENERS = 64;

/** By path and method. */
export const ROUTES: Readonly<Record<string, Readonly<Record<string, Route>>>> = {
  '/v1/manager': { GET: { access: 'solve', answer: (run, response) => sendJson(response, stateOf(run)) } },
  '/v1/manager/history': { GET: { access: 'solve', answer: (run, response) => sendJson(response, run.history) } },
  '/v1/manager/events': { GET: { access: 'solve', answer: streamTicks } },
  '/v1/manager/pause': { POST: switchTo((run) => run.manager.pause()) },
  '/v1/manager/resume': { POST: switchTo((run) => run.manager.resume()) },
  '/v1/manager/withdraw': {
    POST: {
      access: 'admin',
      async answer(run, response) {
        const { decision } = await run.withdrawAll();
        sendJson(response, { ...stateOf(run), changes: decision.changes });
      },
    },
  },
  '/metrics': {
    GET: {
      access: 'solve',
      answer(run, response) {
        response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(metricsText(run));
      },
    },
  },
};

function switchTo(turn: (run: ManagedRun) => void): Route {
  return {
    access: 'admin',
    answer(run, response) {
      turn(run);
      sendJson(response, stateOf(run));
    },
  };
}

function stateOf({ manager, totals, history, isWatched }: ManagedRun): object {
  const last = history.at(-1) ?? null;
  return {
    isPaused: manager.isPaused,
    isWatched: isWatched(),
    routes: manager.routes,
    totals,
    telemetry: manager.counts,
    last,
    overrides: manager.state.overrides,
  };
}

/** A tick is an event; whoever has not read so much of those before is cut off. */
function streamTicks(run: ManagedRun, response: ServerResponse): void {
  if (run.listenerCount >= MOST_LISTENERS) {
    throw new EgressoError('SERVICE_BUSY', `${MOST_LISTENERS} listen to the ticks already`);
  }
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
