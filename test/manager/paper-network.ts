/** A network on paper, a daemon that only remembers, and a manager of both. */
import { EgressoError } from '../../src/errors.ts';
import type { AnnouncedPath, Announcer, Order } from '../../src/manager/announcer/announcer.ts';
import { AuditLines, type AuditRecorder } from '../../src/manager/audit/recorder.ts';
import { type RoutesStatus, WHOLE } from '../../src/manager/collectors/collector.ts';
import { DecisionMaker } from '../../src/manager/decision/decide.ts';
import { INITIAL_STATE, type ManagerState } from '../../src/manager/decision/state.ts';
import { Manager } from '../../src/manager/manager.ts';
import type { PauseSwitch } from '../../src/manager/pause-switch.ts';
import type { BudgetedSolver } from '../../src/manager/solver/budgeted-solver.ts';
import { exhaustive, limitsOf, observe, type SimulatedPrefix, settingsOf } from './simulation.ts';

export const IDS = ['a', 'b'];
export const SETTINGS = settingsOf({ recoverTicks: 1, overTicks: 1, ofTicks: 1 });
export const LIMITS = limitsOf(
  IDS.map((id) => ({ id, capacity: 100, price: 0 })),
  SETTINGS,
);

/** Of a manager whose questions are answered at once, in its own thread. */
export const NO_SOLVER = { startTick: (): void => {}, lostCount: 0 };

export class Network {
  prefixes: SimulatedPrefix[] = [60, 30, 5].map((volume, k) => ({
    prefix: `10.0.${k}.0/24`,
    natural: 'a',
    learned: IDS,
    volume,
  }));
  announced: readonly AnnouncedPath[] = [];
  readonly orders: Order[] = [];
  /** How old its routes are when a tick sees them. */
  routeAgeMs = 0;
  withdrawalCount = 0;
  saved: ManagerState = INITIAL_STATE;
  lose: () => void = () => {};
  /** What a tick waits for before it sees. */
  before: () => Promise<void> | void = () => {};
  isDaemonDown = false;
  routes: RoutesStatus = WHOLE;
  pauseSwitch: PauseSwitch = { position: 'running' };
  /** Null for exhaustive search. */
  solver: BudgetedSolver | null = null;

  readonly announcer: Announcer = {
    apply: async (desired, order) => {
      this.orders.push(order);
      if (this.pauseSwitch.position === 'running') this.announced = desired;
    },
    failureCount: 0,
    keep: async (prefixes) => {
      this.announced = this.announced.filter(({ prefix }) => prefixes.has(prefix));
    },
    withdrawAll: async () => {
      this.withdrawalCount++;
      if (this.isDaemonDown) throw new EgressoError('SERVICE_UNAVAILABLE', 'down');
      this.announced = [];
    },
    [Symbol.asyncDispose]: async () => {},
  };

  manager(audit: AuditRecorder = new AuditLines()): Manager {
    const network = this;
    return new Manager({
      observer: {
        get routes() {
          return network.routes;
        },
        observe: async (atMs) => {
          await this.before();
          if (this.routes.state !== 'whole') return null;
          const overrides = this.saved.overrides.filter(({ prefix }) =>
            this.announced.some((one) => one.prefix === prefix),
          );
          return { ...observe(atMs, IDS, this.prefixes, overrides), routesAtMs: atMs - this.routeAgeMs };
        },
        isLearned: (prefix, point) => this.prefixes.some((one) => one.prefix === prefix && one.learned.includes(point)),
        onLoss: (listener) => {
          this.lose = listener;
        },
        counts: {
          malformedFlows: 1,
          malformedCounters: 2,
          lostReads: 3,
          lostWatches: 5,
          foreignRoutes: 6,
          rivalPaths: 10,
          foreignFlows: 7,
          reboots: 8,
          lateCounters: 9,
          unmatchedBytes: 4,
          untimedBytes: 5,
          impossibleBytes: 11,
        },
      },
      maker: new DecisionMaker(LIMITS, SETTINGS, this.solver?.reallocate ?? exhaustive),
      solver: this.solver ?? NO_SOLVER,
      settings: SETTINGS,
      limits: LIMITS,
      audit,
      announcer: this.announcer,
      pauseSwitch: this.pauseSwitch,
      isSimulated: false,
      state: this.saved,
      save: (state) => {
        this.saved = state;
      },
    });
  }
}
