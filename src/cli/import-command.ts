import { Command } from 'commander';
import { EgressoError } from '../errors.ts';
import { encodeBody } from '../formats/codec.ts';
import { importNetwork } from '../formats/import-network.ts';
import type { ImportOptions, ImportSettings } from '../formats/import-options.ts';
import { DEFAULT_IMPORT_SETTINGS as DEFAULTS } from '../formats/import-options.ts';
import { number, range } from './arguments.ts';
import { typeByName } from './model-file.ts';
import { printable } from './numbers.ts';
import { checkWritable, writeResult } from './output-file.ts';
import { type Session, write } from './session.ts';

interface ImportFlags extends Partial<ImportSettings> {
  readonly topology: string;
  readonly rib: string;
  readonly sessionMap?: string;
  readonly routers?: string;
  readonly traffic?: string;
  readonly name?: string;
  readonly output: string;
}

export function importCommand(session: Session): Command {
  return new Command('import')
    .description('Make a model from a topology, a table of BGP routes and, where there is one, traffic.')
    .requiredOption('--topology <file>', 'GraphML file')
    .requiredOption('--rib <file>', 'lines of bgpdump -m, or - for stdin')
    .option('--session-map <file>', 'CSV: which peer stands at which router; without it they are spread by seed')
    .option('--routers <file>', 'CSV: addresses of routers, by which BGP breaks ties; without it they have none')
    .option('--traffic <file>', 'CSV: volume of each pair of neighbor and prefix; without it traffic is synthetic')
    .option('-o, --output <file>', 'model to write, JSON or, where it ends in .msgpack, msgpack', '-')
    .option('--name <name>', 'name of the model (default: that of the topology)')
    .option('--seed <number>', `seed of everything that is made up (default ${DEFAULTS.seed})`, number)
    .option('--asn <number>', `own AS number (default ${DEFAULTS.asn})`, number)
    .option('--unit <name>', `unit of traffic and capacity (default ${DEFAULTS.unit})`)
    .option('--neighbors <count>', `neighbors to make up (default ${DEFAULTS.neighbors})`, number)
    .option('--ingress-points <range>', 'ingress points of a made-up neighbor, such as 3-4 (the default)', range)
    .option('--top <count>', 'keep only this many prefixes, those of most volume', number)
    .option('--total <volume>', `synthetic volume of all prefixes (default ${DEFAULTS.total})`, number)
    .option('--zipf <exponent>', `exponent of the volumes of prefixes (default ${DEFAULTS.zipf})`, number)
    .option('--slack <share>', `capacity above the load of the reference plan (default ${DEFAULTS.slack})`, number)
    .option('--keep-default', 'keep default routes')
    .option('--interfaces', 'make each session an interface with capacities of its own')
    .action((flags: ImportFlags) => importFiles(flags, session));
}

async function importFiles(flags: ImportFlags, session: Session): Promise<void> {
  const { topology, rib, sessionMap, routers, traffic, name, output, ...settings } = flags;
  if ([topology, rib, sessionMap, routers, traffic].filter((path) => path === '-').length > 1) {
    throw new EgressoError('USAGE', 'only one of the files can be standard input');
  }
  const input = (path: string) => (path === '-' ? session.stdin : path);
  const options: ImportOptions = {
    topology: input(topology),
    rib: input(rib),
    sessionMap: sessionMap === undefined ? undefined : input(sessionMap),
    routers: routers === undefined ? undefined : input(routers),
    traffic: traffic === undefined ? undefined : input(traffic),
    name,
    settings,
  };
  await checkWritable(output);
  const { payload, reports } = await importNetwork(options);
  for (const report of reports) await write(session.stderr, `${printable(report)}\n`);
  const type = typeByName(output) ?? 'application/json';
  const bytes = encodeBody(payload, type);
  await writeResult(output, bytes, session.stdout);
  if (type === 'application/json' && output === '-') await write(session.stdout, '\n');
}
