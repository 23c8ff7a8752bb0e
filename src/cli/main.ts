#!/usr/bin/env node
import { run } from './program.ts';
import { processSession } from './session.ts';

process.exitCode = await run(process.argv.slice(2), processSession());
