/**
 * Runs the benches one after the other, each in a process of its own, so that none warms or starves another.
 *
 *     npm run bench                   all of them
 *     npm run bench -- kernels lp     those named
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const BENCHES = ['kernels', 'step7', 'service'];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !BENCHES.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`no such bench: ${unknown.join(', ')}; there are ${BENCHES.join(', ')}\n`);
  process.exit(2);
}
for (const name of wanted.length > 0 ? wanted : BENCHES) {
  process.stdout.write(`\n── ${name}\n`);
  const file = fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
  const { status, error } = spawnSync(process.execPath, [file], { stdio: 'inherit' });
  if (status !== 0) {
    process.stderr.write(`bench ${name} ended with ${status ?? error?.message}\n`);
    process.exitCode = 1;
  }
}
