import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { z } from 'zod';
import { runCli } from '../cli/cli.js';
import { EXIT, type CliEnvironment } from '../cli/kit/command.js';
import { commandsOf } from './commands.js';
import { ConfigError, readConfig, readTemporalConfig, type Config } from './config.js';
import { runProcess } from './process.js';
import { replay } from './replay.js';
import { ROOT } from './root.js';

const { argv, stdin, stdout, stderr } = process;
const args = argv.slice(2);

await runProcess('paysaga', async () => {
  stdout.on('error', endsWithItsReader);
  const environment = {
    config: settings(),
    ...(stdin.isTTY && stderr.isTTY ? { confirm } : {}),
    ...(stderr.isTTY ? { terminal: stderr } : {}),
    colour: stdout.isTTY && stdout.hasColors(),
    ...{ stdout, stderr },
    now: () => new Date(),
    untilInterrupted,
    version: packageVersion(),
  };
  process.exitCode = await runCli(args, environment, commandsOf(replay));
});

function packageVersion(): string {
  const text = readFileSync(join(ROOT, 'package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}

/** A wrong setting ends every command but the doctor, which reports it. */
function settings(): CliEnvironment['config'] {
  try {
    return settingsOf(readConfig());
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    if (args[0] === 'doctor') return { home: '.paysaga' };
    stderr.write(`paysaga: ${error.message}\n`);
    process.exit(EXIT.usage);
  }
}

function settingsOf(config: Config): CliEnvironment['config'] {
  const { home, databaseUrl, merchantsFile, operatorKey, embeddedNamespace } = config;
  return {
    // Everything else that the command line says is English.
    language: 'PAYSAGA_LANGUAGE' in config.environment ? config.language : 'en',
    ...{ home, databaseUrl, merchantsFile, operatorKey, embeddedNamespace },
    apiUrl: config.apiUrl ?? config.publicUrl,
    temporal: config.namesTemporal ? readTemporalConfig(config.environment) : undefined,
  };
}

function untilInterrupted(): AbortSignal {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());
  return interrupted.signal;
}

async function confirm(question: string): Promise<boolean> {
  const terminal = createInterface({ input: stdin, output: stderr });
  // Ctrl-C and Ctrl-D are a no.
  terminal.on('SIGINT', () => terminal.close());
  const closed = once(terminal, 'close').then(() => '');
  try {
    const answer = await Promise.race([terminal.question(`${question} [y/N] `), closed]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}

/** `paysaga orders | head` ends when `head` does. */
function endsWithItsReader(error: Error): void {
  if ('code' in error && error.code === 'EPIPE') process.exit(0);
  throw error;
}
