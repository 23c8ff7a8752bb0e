/** The configuration of `egresso run`, as YAML or JSON. */
import { isIPv4, isIPv6 } from 'node:net';
import { type Static, Type } from 'typebox';
import Value from 'typebox/value';
import { parse } from 'yaml';
import { EgressoError, type Fault } from '../errors.ts';
import { DEFAULT_LOCAL_PREF } from './decision/plain-choice.ts';
import { type DecisionSettings, DecisionSettingsSchema, ManagedPointSchema } from './decision/settings.ts';
import { addressFaults, canonicalPoint } from './point-addresses.ts';
import { schemaFaults } from './schema-faults.ts';
import { plainPrefix } from './telemetry/ip-words.ts';

/** Name, IPv4 address or IPv6 address in brackets, and port. */
const ADDRESS = /^(?:\[(?<ipv6>[^\]]*)\]|(?<host>[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?)):(?<port>\d{1,5})$/;

const closed = { additionalProperties: false } as const;
export const UNITS = { 'bit/s': 1, 'kbit/s': 1e3, 'Mbit/s': 1e6, 'Gbit/s': 1e9 } as const;

/** Half hours of a week: grouping is cubic, and the state is written in each tick. */
const MOST_INTERVALS = 336;

/** An hour: what a timer can hold. */
const MOST_SOLVE_MS = 3_600_000;

/** The field of NetFlow and sFlow for it has 32 bits. */
const MOST_SAMPLING = 4_294_967_295;

/** Ticks that a lease has to last: one may be missed, or not be believed. */
const LEASE_TICKS = 3;

const PointSchema = Type.Object(
  {
    ...ManagedPointSchema.properties,
    nextHops: Type.Array(Type.String(), {
      default: [],
      description: 'Next hops of the routes that leave here.',
    }),
    exporter: Type.Optional(Type.String({ description: 'Address that flow records of this router come from.' })),
    ifIndex: Type.Optional(
      Type.Integer({
        minimum: 0,
        description: 'Outgoing interface in flow records, where an exporter has several points.',
      }),
    ),
    samplingRate: Type.Optional(
      Type.Number({ minimum: 1, maximum: MOST_SAMPLING, description: 'Of this exporter; that of all where left out.' }),
    ),
    agent: Type.Optional(Type.String({ minLength: 1, description: 'Address of the SNMP agent.' })),
    interface: Type.Optional(Type.String({ minLength: 1, description: 'ifName of the interface at the agent.' })),
  },
  closed,
);

export const ManagerConfigSchema = Type.Object(
  {
    unit: Type.Enum(['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s'], { default: 'Mbit/s', description: 'Of every capacity.' }),
    tickMs: Type.Number({ minimum: 100, default: 30_000, description: 'Between two ticks.' }),
    timeConstantMs: Type.Number({ minimum: 0, default: 60_000, description: 'Of the averages of volumes.' }),
    samplingRate: Type.Number({
      minimum: 1,
      maximum: MOST_SAMPLING,
      default: 1,
      description: 'Flow records stand for one packet in so many; 1 where pmacct renormalizes.',
    }),
    prefixCount: Type.Integer({
      minimum: 1,
      default: 3000,
      description: 'Most prefixes looked at, the largest first.',
    }),
    solveLimitMs: Type.Number({
      minimum: 1,
      maximum: MOST_SOLVE_MS,
      default: 1000,
      description: 'Wall clock of one question to the optimizer, half of `solveBudgetMs` at most.',
    }),
    auditLimit: Type.Integer({
      minimum: 1_000_000,
      default: 1_000_000_000,
      description: 'Bytes from which on a file of the audit log is closed, and the next begun.',
    }),
    auditKeep: Type.Optional(
      Type.Integer({ minimum: 1, description: 'Closed files of the audit log that are kept; all where left out.' }),
    ),
    solveBudgetMs: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        description:
          'Wall clock of all questions of a tick; half of `tickMs` where left out, without end in a recording.',
      }),
    ),
    points: Type.Array(PointSchema, { minItems: 1 }),
    decision: Type.Partial(DecisionSettingsSchema, { ...closed, default: {} }),
    replay: Type.Optional(
      Type.String({ minLength: 1, description: 'Recording that stands in for all three collectors.' }),
    ),
    gobgp: Type.Optional(
      Type.Object(
        {
          address: Type.String({ minLength: 1, default: '127.0.0.1:50051', description: 'gRPC interface of gobgpd.' }),
          localPref: Type.Integer({
            minimum: DEFAULT_LOCAL_PREF + 1,
            maximum: 4294967295,
            default: 1000,
            description: 'Of overrides; above what routers take a path without one for, as none would follow else.',
          }),
          community: Type.String({
            pattern: '^\\d{1,5}:\\d{1,5}$',
            default: '64512:7040',
            description: 'Marks what is ours; nobody else may use it.',
          }),
          noExport: Type.Boolean({
            default: false,
            description: 'Adds no-export: only where prefixes are exported to nobody.',
          }),
        },
        closed,
      ),
    ),
    pmacct: Type.Optional(
      Type.Object(
        {
          file: Type.String({ minLength: 1, description: 'JSON lines of nfacctd or sfacctd; a file or a named pipe.' }),
        },
        closed,
      ),
    ),
    snmp: Type.Optional(
      Type.Object(
        {
          community: Type.String({ default: 'public' }),
          port: Type.Integer({ minimum: 1, maximum: 65535, default: 161 }),
          timeoutMs: Type.Integer({ minimum: 1, maximum: 60_000, default: 2000 }),
        },
        closed,
      ),
    ),
    api: Type.Optional(
      Type.Object(
        {
          host: Type.String({ minLength: 1, default: '127.0.0.1', description: 'Others than this machine need keys.' }),
          port: Type.Integer({ minimum: 0, maximum: 65535, default: 8081 }),
          keys: Type.Optional(Type.String({ description: 'File of bearer keys, as those of `serve`.' })),
        },
        closed,
      ),
    ),
  },
  closed,
);

export type ManagerConfig = Omit<Static<typeof ManagerConfigSchema>, 'decision'> & {
  readonly decision: DecisionSettings;
};

/** Fills in the defaults. Errors: FORMAT_INVALID for what is no YAML, OPTIONS_INVALID with a pointer for each fault. */
export function parseManagerConfig(text: string, name: string): ManagerConfig {
  let given: unknown;
  try {
    given = parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new EgressoError('FORMAT_INVALID', `${name}: ${reason}`);
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw invalid(name, [{ pointer: '', message: 'must be an object' }]);
  }
  const completed = Value.Default(ManagerConfigSchema, structuredClone(given));
  const faults: Fault[] = schemaFaults(ManagerConfigSchema, completed);
  if (faults.length > 0) throw invalid(name, faults);
  const checked = completed as Static<typeof ManagerConfigSchema>;
  const config = { ...checked, points: checked.points.map(canonicalPoint) };
  const decision = canonicalLists({
    ...(Value.Create(DecisionSettingsSchema) as DecisionSettings),
    ...config.decision,
  });
  const contents = contentFaults({ ...config, decision });
  if (contents.length > 0) throw invalid(name, contents);
  return { ...config, decision };
}

/** Prefixes as they are compared. What is none stays: `contentFaults` tells. */
function canonicalLists(decision: DecisionSettings): DecisionSettings {
  const { allow, deny } = decision;
  const canonical = (list: readonly string[]): string[] => list.map((text) => plainPrefix(text) ?? text);
  return { ...decision, ...(allow !== undefined && { allow: canonical(allow) }), deny: canonical(deny) };
}

function contentFaults(config: ManagerConfig): Fault[] {
  const { points, tickMs, solveBudgetMs, decision, replay, gobgp, pmacct, snmp } = config;
  const faults: Fault[] = addressFaults(points);
  const ids = new Set<string>();
  const compare = (place: string, low: number, high: number): void => {
    if (low < high) return;
    faults.push({ pointer: `${place}/low`, message: `must be below the high watermark ${high}, not ${low}` });
  };
  compare('/decision', decision.low, decision.high);
  points.forEach(({ id, high, low }, at) => {
    if (ids.has(id)) faults.push({ pointer: `/points/${at}/id`, message: `must be unique, not ${JSON.stringify(id)}` });
    ids.add(id);
    if (!isPrintable(id)) {
      const message = 'must be printable, and neither begin nor end with a blank';
      faults.push({ pointer: `/points/${at}/id`, message });
    }
    if (low !== undefined || high !== undefined) {
      compare(`/points/${at}`, low ?? decision.low, high ?? decision.high);
    }
  });
  if (decision.overTicks > decision.ofTicks) {
    const message = `must be at most ofTicks, ${decision.ofTicks}, not ${decision.overTicks}`;
    faults.push({ pointer: '/decision/overTicks', message });
  }
  if (solveBudgetMs !== undefined && solveBudgetMs > tickMs) {
    faults.push({ pointer: '/solveBudgetMs', message: `must be at most tickMs, ${tickMs}, not ${solveBudgetMs}` });
  }
  const verifyMs = decision.verifyTicks * tickMs;
  if (decision.flowLagMs > verifyMs) {
    const message = `must be at most verifyTicks · tickMs, ${verifyMs}, not ${decision.flowLagMs}: no move could be verified`;
    faults.push({ pointer: '/decision/flowLagMs', message });
  }
  // A tick is not on time to the millisecond, and renews leases only where telemetry is believed.
  for (const [name, tickCount] of [
    ['leaseMs', LEASE_TICKS],
    ['staleMs', 1],
  ] as const) {
    const least = tickCount * tickMs;
    if (decision[name] < least) {
      const message = `must be at least ${least}, ${tickCount} × tickMs, not ${decision[name]}`;
      faults.push({ pointer: `/decision/${name}`, message });
    }
  }
  const intervalCount = decision.classPeriodMs / decision.classIntervalMs;
  if (!Number.isInteger(intervalCount) || intervalCount > MOST_INTERVALS) {
    const message = `must divide classPeriodMs, ${decision.classPeriodMs}, into at most ${MOST_INTERVALS}, not ${intervalCount}`;
    faults.push({ pointer: '/decision/classIntervalMs', message });
  }
  for (const list of ['allow', 'deny'] as const) {
    decision[list]?.forEach((prefix, at) => {
      if (plainPrefix(prefix) === null) {
        const message = `must be an IP prefix without host bits, not ${JSON.stringify(prefix)}`;
        faults.push({ pointer: `/decision/${list}/${at}`, message });
      }
    });
  }
  if (gobgp !== undefined && !isAddress(gobgp.address)) {
    const message = `must be host:port, with a port of 1..65535, not ${JSON.stringify(gobgp.address)}`;
    faults.push({ pointer: '/gobgp/address', message });
  }
  if (gobgp !== undefined && !isOwnCommunity(gobgp.community)) {
    const message = `must be two numbers of 1..65534 and 0..65535 without leading zeros, not ${gobgp.community}`;
    faults.push({ pointer: '/gobgp/community', message });
  }
  const isLive = gobgp !== undefined && pmacct !== undefined && snmp !== undefined;
  if (replay === undefined ? !isLive : pmacct !== undefined || snmp !== undefined) {
    faults.push({
      pointer: '',
      message: 'must have either replay, or all of gobgp, pmacct and snmp; with replay neither of the last two',
    });
  }
  return faults;
}

/** What looks like an IPv4 address is none of a name. */
function isAddress(text: string): boolean {
  const { ipv6, host = '', port } = ADDRESS.exec(text)?.groups ?? {};
  const isHost = ipv6 === undefined ? host !== '' && (isIPv4(host) || !/^[\d.]+$/.test(host)) : isIPv6(ipv6);
  return isHost && Number(port) >= 1 && Number(port) <= 65_535;
}

/** Told on terminals, in logs and as labels of metrics: without control characters, line ends and halves of surrogate pairs. */
function isPrintable(text: string): boolean {
  return !/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(text) && text.trim() === text;
}

/** As it is read back (RFC 1997): the first and the last block of numbers are reserved. */
function isOwnCommunity(community: string): boolean {
  const [high, low] = community.split(':').map(Number);
  return `${high}:${low}` === community && high >= 1 && high <= 65_534 && low <= 65_535;
}

function invalid(name: string, faults: readonly Fault[]): EgressoError {
  const [{ pointer, message }] = faults;
  return new EgressoError('OPTIONS_INVALID', `${name}: ${pointer === '' ? '' : `${pointer}: `}${message}`, faults);
}
