/**
 * Runs the import rules and asserts that they were applied: with a parser that cannot read TypeScript, dependency-cruiser
 * sees no module and reports success.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

const cruise = spawnSync('depcruise', ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'src'], {
  encoding: 'utf8',
  maxBuffer: 256 * 1024 * 1024,
});
if (cruise.status === null || cruise.stdout === '') fail(cruise.stderr || String(cruise.error));
const { modules, summary } = JSON.parse(cruise.stdout) as {
  modules: { source: string }[];
  summary: { violations: { from: string; to: string; rule: { name: string } }[] };
};

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
const cruised = modules.filter(({ source }) => source.startsWith('src/')).length;
if (cruised !== sources.length) fail(`import rules saw ${cruised} of ${sources.length} source files`);
for (const { from, to, rule } of summary.violations) process.stderr.write(`${rule.name}: ${from} → ${to}\n`);
if (summary.violations.length > 0) fail(`${summary.violations.length} imports break a rule`);
process.stdout.write(`import rules hold for ${cruised} source files\n`);

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
