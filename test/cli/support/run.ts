import { runCli, type CliEnvironment } from '../../../src/cli/cli.js';
import type { Replay } from '../../../src/cli/replay.js';
import { commandsOf } from '../../../src/entries/commands.js';

export const NOW = new Date('2026-03-01T10:00:00Z');

/** Never to be seen in any output. */
export const CANARY = `psk_live_operator_${'Canary0'.repeat(6)}x`;

export type Ran = { readonly code: number; readonly out: string; readonly err: string };

export type World = Partial<Omit<CliEnvironment, 'config'>> & {
  readonly config?: Partial<CliEnvironment['config']>;
  readonly replay?: Replay;
};

const replayNothing: Replay = () => {
  throw new Error('there are no workflows to replay against');
};

/** Runs the command line in this process, away from any stack unless `world` says so. */
export async function run(
  argv: readonly string[],
  { config, replay = replayNothing, ...world }: World = {},
): Promise<Ran> {
  const said = { out: '', err: '' };
  const env: CliEnvironment = {
    stdout: { write: (text) => (said.out += text) },
    stderr: { write: (text) => (said.err += text) },
    now: () => NOW,
    sleep: () => Promise.resolve(),
    ...world,
    config: { home: '/nowhere/paysaga', language: 'en', ...config },
  };
  const code = await runCli(argv, env, commandsOf(replay));
  return { code, ...said };
}

/** As the operator of {@link CANARY} at this ingress. */
export const at = (url: string): World => ({ config: { apiUrl: url, operatorKey: CANARY } });
