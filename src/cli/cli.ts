import { Command, CommanderError } from 'commander';
import { DatabaseUnavailable, isUnavailable } from '../db/failure.js';
import { TemporalUnavailable } from '../temporal/call.js';
import { CliFailure, EXIT, type CliEnvironment, type Configured, type MakeCommand } from './kit/command.js';

export type { CliEnvironment } from './kit/command.js';

const EXAMPLE = `
Examples:
  $ paysaga orders --stuck
  $ paysaga show A-1001
  $ paysaga recheck A-1001 --reason 'the payer says it is paid'

Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 a service unreachable.
`;

/** Runs `paysaga <argv>` with these commands, in the order of help; answers the exit code. */
export async function runCli(
  argv: readonly string[],
  env: CliEnvironment,
  commands: readonly MakeCommand[],
): Promise<number> {
  const output = {
    writeOut: (text: string) => env.stdout.write(text),
    writeErr: (text: string) => env.stderr.write(text),
  };
  const configured: Configured = (command) => command.exitOverride().configureOutput(output);
  const program = configured(new Command('paysaga'))
    .description('Operate PaySaga.')
    .version(env.version ?? '')
    .addHelpText('after', EXAMPLE);
  for (const make of commands) program.addCommand(make(env, configured));
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return EXIT.done;
  } catch (error) {
    return exitCodeOf(error, env);
  }
}

function exitCodeOf(error: unknown, env: CliEnvironment): number {
  // Commander has written the problem, or the help.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  const { exitCode, message } = failureOf(error);
  env.stderr.write(`paysaga: ${message}\n`);
  return exitCode;
}

function failureOf(error: unknown): Pick<CliFailure, 'exitCode' | 'message'> {
  if (error instanceof CliFailure) return error;
  if (isUnavailable(error))
    return { exitCode: EXIT.unreachable, message: `the database cannot be reached${reasonOf(error)}` };
  if (error instanceof TemporalUnavailable)
    return { exitCode: EXIT.unreachable, message: 'Temporal cannot be reached' };
  return { exitCode: EXIT.failed, message: error instanceof Error ? error.message : 'failed' };
}

const reasonOf = (error: unknown): string =>
  error instanceof DatabaseUnavailable ? ` (${error.said ?? error.reason})` : '';
