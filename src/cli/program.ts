/** The `egresso` command: its subcommands, and how each way of ending becomes an exit code. */
import { Command, CommanderError } from 'commander';
import { batchCommand } from './batch-command.ts';
import { demoCommand } from './demo-command.ts';
import { diffCommand } from './diff-command.ts';
import { explainCommand } from './explain-command.ts';
import { asEgressoError, faultReport } from './fault-report.ts';
import { gapCommand } from './gap-command.ts';
import { importCommand } from './import-command.ts';
import { packageVersion } from './package-root.ts';
import { policyCommand } from './policy-command.ts';
import { replayCommand } from './replay-command.ts';
import { runCommand } from './run-command.ts';
import { serveCommand } from './serve-command.ts';
import type { Session } from './session.ts';
import { write } from './session.ts';
import { solveCommand } from './solve-command.ts';
import { validateCommand } from './validate-command.ts';
import { watchdogCommand, withdrawCommand } from './withdraw-command.ts';
import { workerCommand } from './worker-command.ts';

const COMMANDS = [
  solveCommand,
  batchCommand,
  gapCommand,
  validateCommand,
  importCommand,
  policyCommand,
  diffCommand,
  explainCommand,
  serveCommand,
  runCommand,
  replayCommand,
  withdrawCommand,
  watchdogCommand,
  workerCommand,
  demoCommand,
];

const EXIT_CODES = `
Exit codes:
  0    done
  1    internal error
  2    bad input or usage
  3    overloaded: no plan fits, or none was found; or BGP cannot be brought to a plan
  4    stopped by a limit without a plan
  5    server unavailable
  130  interrupted`;

/** Runs one command line, without the names of node and script. Never throws; returns the exit code. */
export async function run(argv: readonly string[], session: Session): Promise<number> {
  try {
    await buildProgram(session).parseAsync([...argv], { from: 'user' });
    return session.exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    // Help was asked for by giving no command; it stands on stderr already.
    if (error instanceof CommanderError && error.code === 'commander.help') return 2;
    const fault = asEgressoError(error);
    const form = { json: argv.includes('--json'), debug: Boolean(process.env.EGRESSO_DEBUG) };
    await write(session.stderr, faultReport(fault, form)).catch(() => {});
    return fault.kind.exitCode;
  }
}

function buildProgram(session: Session): Command {
  const program = new Command('egresso')
    .description(
      'Decides through which border router each flow enters and leaves a network, and proves how good that is.',
    )
    .version(packageVersion(), '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', EXIT_CODES)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void session.stdout.write(text),
      writeErr: (text) => void session.stderr.write(text),
      // Faults are told in one place, in one form.
      outputError: () => {},
      getOutHelpWidth: () => 100,
      getErrHelpWidth: () => 100,
    });
  for (const build of COMMANDS) {
    program.addCommand(build(session).copyInheritedSettings(program));
  }
  return program;
}
