import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { devFileOf } from '../cli/kit/dev-file.js';
import { clockOffset, port } from '../cli/kit/options.js';
import { readConfig, type Config } from './config.js';
import { createStack, type Running } from '../embedded/stack.js';
import { temporalWorks } from '../embedded/temporal.js';
import { runProcess } from './process.js';
import { removeDevFile, lockHome } from './stack/home.js';
import { startDevStack, type DevStack } from './stack/dev-stack.js';
import { keepRunning } from './stack/keep-running.js';

await runProcess('start', async () => {
  const { config, clockOffset } = configured(readConfig());
  const letGo = await holdHome(config.home);
  const stack = createStack(say);
  const interrupted = stack.untilInterrupted();
  try {
    const running = await startDevStack({ config, stack, clockOffset, onProgress: say, durable: true });
    await stack.start('the watch over all', () => Promise.resolve(watch(running)));
    console.log(addresses(running, config));
    await interrupted;
  } catch (error) {
    await stack.stopAll();
    if (!stack.interrupted) throw error;
    await interrupted;
  } finally {
    await letGo();
  }
});

/** Nobody else starts in the folder, and `dev.json` is in it only while everything answers. */
async function holdHome(home: string): Promise<() => Promise<void>> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  const unlock = await lockHome(home);
  return async () => {
    await removeDevFile(home);
    await unlock();
  };
}

function watch({ temporal, postgres, sandbox, worker, ingress }: DevStack): Running {
  const works = () => temporalWorks(temporal.now);
  const isOurs = temporal.now.pid !== null;
  return keepRunning(
    [
      { name: 'Temporal', part: temporal, ...(isOurs ? { works } : {}) },
      { name: 'Postgres', part: postgres },
      { name: 'the sandbox', part: sandbox },
      { name: 'the worker', part: worker },
      { name: 'the ingress', part: ingress },
    ],
    say,
  );
}

function configured(config: Config): { readonly config: Config; readonly clockOffset: number } {
  const command = new Command('start')
    .description('PaySaga with Temporal, Postgres and the WeChat Pay sandbox on this machine')
    .option('--port <port>', 'of the API', port, config.ports.api)
    .option('--sandbox-port <port>', 'of the sandbox', port, config.ports.sandbox)
    .option('--temporal-port <port>', 'of Temporal', port, config.ports.temporal)
    .option('--temporal-ui-port <port>', 'of the Temporal UI', port, config.ports.temporalUi)
    .option('--postgres-port <port>', 'of Postgres', port, config.ports.postgres)
    .option(
      '--clock-offset <seconds>',
      "the sandbox's world begins so many seconds ago; kept by its folder",
      clockOffset,
      0,
    )
    .parse();
  const { port: api, sandboxPort: sandbox, temporalPort: temporal, ...others } = command.opts<StartOptions>();
  const { temporalUiPort: temporalUi, postgresPort: postgres, clockOffset: behind } = others;
  const ports = { ...config.ports, api, sandbox, temporal, temporalUi, postgres };
  return { config: { ...config, ports }, clockOffset: behind };
}

type StartOptions = Record<
  'port' | 'sandboxPort' | 'temporalPort' | 'temporalUiPort' | 'postgresPort' | 'clockOffset',
  number
>;

function addresses({ dev, adminUrl, workerUrl }: DevStack, config: Config): string {
  return [
    '',
    `API           ${dev.apiUrl}   (docs: ${adminUrl}/docs)`,
    `Sandbox       ${dev.sandboxUrl}   (phone: ${dev.sandboxUrl}/sandbox/phone)`,
    `Temporal UI   ${dev.temporalUiUrl ?? 'of the server at TEMPORAL_ADDRESS'}`,
    `Metrics       ${adminUrl}/metrics   (worker: ${workerUrl}/metrics)`,
    `Keys and more ${devFileOf(config.home)}`,
    `Logs          ${join(config.home, 'logs')}`,
    '',
    'Ctrl-C stops everything; the data stays.',
  ].join('\n');
}

function say(line: string): void {
  console.error(line);
}
