/**
 * Runs the benches one after the other, each in a process of its own, so that none warms or starves another.
 *
 *     npm run bench                       all of them
 *     npm run bench -- kernels step7      those whose names contain one of the words
 *     npm run bench -- --json             one JSON document on stdout, a report by name
 *
 * Ends with 1 where a bench fails, 2 where no name matches.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

interface Bench {
  readonly name: string;
  /** Prints a JSON report when asked by `--json`; the lines of the others are the report. */
  readonly givesJson: boolean;
}

const BENCHES: readonly Bench[] = [
  { name: 'kernels', givesJson: true },
  { name: 'gap', givesJson: true },
  { name: 'step7', givesJson: true },
  { name: 'lp', givesJson: true },
  { name: 'mip', givesJson: true },
  { name: 'quality', givesJson: true },
  { name: 'cancel', givesJson: true },
  { name: 'policy', givesJson: true },
  { name: 'manager', givesJson: true },
  { name: 'relief', givesJson: true },
  { name: 'service', givesJson: false },
  { name: 'http', givesJson: false },
  { name: 'payload', givesJson: false },
];

const options = { json: { type: 'boolean', default: false } } as const;
const { values, positionals } = parseArgs({ options, allowPositionals: true });
const isWanted = ({ name }: Bench): boolean => positionals.some((word) => name.includes(word));
const wanted = positionals.length === 0 ? BENCHES : BENCHES.filter(isWanted);
if (wanted.length === 0) {
  const names = BENCHES.map(({ name }) => name).join(', ');
  process.stderr.write(`no bench is named like ${positionals.join(', ')}; there are ${names}\n`);
  process.exit(2);
}

const reports: Record<string, unknown> = {};
for (const bench of wanted) {
  if (!values.json) process.stdout.write(`\n── ${bench.name}\n`);
  const output = run(bench, values.json);
  if (output === null) process.exitCode = 1;
  else if (values.json)
    reports[bench.name] = bench.givesJson ? JSON.parse(output) : { lines: output.trim().split('\n') };
}
if (values.json) process.stdout.write(`${JSON.stringify(reports, null, 2)}\n`);

/** What the bench printed, which was passed on already unless `captured`; null where it failed. */
function run({ name, givesJson }: Bench, captured: boolean): string | null {
  const file = fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
  const { status, signal, error, stdout } = spawnSync(
    process.execPath,
    captured && givesJson ? [file, '--json'] : [file],
    { encoding: 'utf8', stdio: ['ignore', captured ? 'pipe' : 'inherit', 'inherit'] },
  );
  if (status === 0) return stdout ?? '';
  process.stderr.write(`bench ${name} ended with ${error?.message ?? signal ?? status}\n`);
  return null;
}
