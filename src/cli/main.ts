#!/usr/bin/env node
import { asEgressoError, faultReport } from './fault-report.ts';
import { run } from './program.ts';
import { processSession } from './session.ts';

// What escapes from a callback: a fault of ours, but no reason for a stack trace.
process.on('uncaughtException', (error) => {
  const form = { json: process.argv.includes('--json'), debug: Boolean(process.env.EGRESSO_DEBUG) };
  process.stderr.write(faultReport(asEgressoError(error), form), () => process.exit(1));
});

process.exitCode = await run(process.argv.slice(2), processSession());
