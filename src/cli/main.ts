#!/usr/bin/env node
import { asEgressoError, faultReport } from './fault-report.ts';
import { run } from './program.ts';
import { processSession } from './session.ts';

const LEAST_NODE = 24;
if (Number.parseInt(process.versions.node, 10) < LEAST_NODE) {
  process.stderr.write(
    `egresso: USAGE: Node ${LEAST_NODE} or newer is needed, this is ${process.versions.node}; "npx egresso" brings its own\n`,
  );
  process.exit(2);
}

// What escapes from a callback: a fault of ours, but no reason for a stack trace.
process.on('uncaughtException', (error) => {
  const form = { json: process.argv.includes('--json'), debug: Boolean(process.env.EGRESSO_DEBUG) };
  process.stderr.write(faultReport(asEgressoError(error), form), () => process.exit(1));
});

process.exitCode = await run(process.argv.slice(2), processSession());
