/** Metrics of the manager in Prometheus' text format (0.0.4). */
import { ROUTES_STATES } from '../collectors/collector.ts';
import type { ManagedRun } from '../managed-run.ts';

export function metricsText({ totals, manager, history, isWatched }: ManagedRun): string {
  const { counts: telemetry, routes } = manager;
  const last = history.at(-1);
  const lines = [
    ...metric('egresso_manager_ticks_total', 'counter', 'Ticks decided.', [['', totals.tickCount]]),
    ...metric('egresso_manager_changes_total', 'counter', 'Prefixes changed.', [
      ['{action="move"}', totals.moveCount],
      ['{action="release"}', totals.releaseCount],
      ['{action="withdraw"}', totals.withdrawalCount],
    ]),
    ...metric(
      'egresso_manager_stuck_releases_total',
      'counter',
      'Released prefixes that still left at the old point.',
      [['', totals.stuckReleaseCount]],
    ),
    ...metric('egresso_manager_overrides', 'gauge', 'Overrides in force.', [['', manager.state.overrides.length]]),
    ...metric('egresso_manager_paused', 'gauge', '1 while paused.', [['', Number(manager.isPaused)]]),
    ...metric('egresso_manager_watched', 'gauge', '1 while a watchdog is there.', [['', Number(isWatched())]]),
    ...metric(
      'egresso_manager_routes',
      'gauge',
      '1 for how far the first table of routes has come.',
      ROUTES_STATES.map((state) => [`{state="${state}"}`, Number(routes.state === state)]),
    ),
    ...metric('egresso_manager_routes_unanswered', 'gauge', '1 while GoBGP does not answer.', [
      ['', Number(routes.error !== null)],
    ]),
    ...metric('egresso_manager_frozen_ticks', 'gauge', 'Ticks in a row with telemetry that is not believed.', [
      ['', manager.state.frozenTicks],
    ]),
    ...metric('egresso_manager_malformed_total', 'counter', 'Telemetry that could not be used.', [
      ['{source="flows"}', telemetry.malformedFlows],
      ['{source="counters"}', telemetry.malformedCounters],
    ]),
    ...metric('egresso_manager_lost_reads_total', 'counter', 'Reads of interface counters that were given up.', [
      ['', telemetry.lostReads],
    ]),
    ...metric('egresso_manager_failed_announcements_total', 'counter', 'Calls of GoBGP that failed; made up for.', [
      ['', telemetry.failedAnnouncements],
    ]),
    ...metric('egresso_manager_lost_solvers_total', 'counter', 'Threads of the optimizer that died or hung.', [
      ['', telemetry.lostSolvers],
    ]),
    ...metric('egresso_manager_foreign_routes_total', 'counter', 'Routes told to no point, or that are no way out.', [
      ['', telemetry.foreignRoutes],
    ]),
    ...metric('egresso_manager_rival_paths', 'gauge', 'Paths of another manager with our community.', [
      ['', telemetry.rivalPaths],
    ]),
    ...metric(
      'egresso_manager_foreign_flows_total',
      'counter',
      'Flow records of exporters or interfaces of no point.',
      [['', telemetry.foreignFlows]],
    ),
    ...metric('egresso_manager_agent_reboots_total', 'counter', 'Agents that had started anew between two reads.', [
      ['', telemetry.reboots],
    ]),
    ...metric('egresso_manager_late_counters_total', 'counter', 'Counters that came after later ones.', [
      ['', telemetry.lateCounters],
    ]),
    ...metric('egresso_manager_lost_watches_total', 'counter', 'Watches of routes that had stopped to tell.', [
      ['', telemetry.lostWatches],
    ]),
    ...metric('egresso_manager_unmatched_bytes_total', 'counter', 'Bytes of flows to no prefix that is learned.', [
      ['', telemetry.unmatchedBytes],
    ]),
    ...metric('egresso_manager_untimed_bytes_total', 'counter', 'Bytes of flows that have come for an unknown time.', [
      ['', telemetry.untimedBytes],
    ]),
    ...metric(
      'egresso_manager_impossible_bytes_total',
      'counter',
      'Bytes of flows beyond what their point can carry.',
      [['', telemetry.impossibleBytes]],
    ),
    ...metric(
      'egresso_manager_utilization_ratio',
      'gauge',
      'Load against capacity.',
      (last?.points ?? []).flatMap(({ point, load, capacity }) =>
        load === null ? [] : [[`{point=${JSON.stringify(point)}}`, load / capacity] as const],
      ),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function metric(
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  samples: readonly (readonly [labels: string, value: number])[],
): string[] {
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...samples.map(([labels, value]) => `${name}${labels} ${value}`),
  ];
}
