import { Command, CommanderError } from 'commander';
import { isUnavailable } from '../db/connection.js';
import { CliFailure, EXIT } from './exit.js';
import { keysCommand } from './keys.js';

export type CliEnvironment = {
  /** `databaseUrl` if the environment names one; `home` is the folder of an embedded stack, which `dev.json` is in. */
  readonly config: { readonly databaseUrl?: string; readonly home: string };
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  readonly now: () => Date;
};

/** Runs `paysaga <argv>`; the exit code: 0 done, 1 refused or failed, 2 wrong usage, 3 a service unreachable. */
export async function runCli(argv: readonly string[], env: CliEnvironment): Promise<number> {
  const program = new Command('paysaga').description('Operate PaySaga.').exitOverride();
  const output = {
    writeOut: (text: string) => env.stdout.write(text),
    writeErr: (text: string) => env.stderr.write(text),
  };
  program.configureOutput(output);
  program.addCommand(keysCommand(env, (command) => command.exitOverride().configureOutput(output)));
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return EXIT.done;
  } catch (error) {
    return exitCodeOf(error, env);
  }
}

function exitCodeOf(error: unknown, env: CliEnvironment): number {
  // Commander has said already what is wrong, or has shown the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (error instanceof CliFailure) {
    env.stderr.write(`paysaga: ${error.message}\n`);
    return error.exitCode;
  }
  if (isUnavailable(error)) {
    env.stderr.write('paysaga: the database cannot be reached\n');
    return EXIT.unreachable;
  }
  env.stderr.write(`paysaga: ${error instanceof Error ? error.message : 'failed'}\n`);
  return EXIT.failed;
}
