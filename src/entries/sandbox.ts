import { Command, InvalidArgumentError } from 'commander';
import { clockOffset, port } from '../cli/kit/options.js';
import { startSandbox, type Sandbox, type SandboxOptions } from '../sandbox/start.js';

const program = new Command('sandbox')
  .description('a gateway simulator of WeChat Pay, API v3 and v2')
  .option('--port <port>', 'port, 0 for any free one', port, 8090)
  .option('--secapi-port <port>', "TLS port of API v2; 0 for the folder's last one or any free one", port, 0)
  .option('--host <host>', 'address to listen on', '127.0.0.1')
  .option('--allow-host <name...>', 'further names under which /sandbox may be reached')
  .option('--dir <folder>', 'keep everything in this folder; without it, in memory')
  .option('--time-scale <n>', 'divide the notify retry intervals by n', parseTimeScale, 1)
  .option('--clock-offset <seconds>', 'begin so many seconds ago; kept by the folder', clockOffset, 0)
  .parse();

const sandbox = await startSandbox(program.opts<SandboxOptions>());
console.log(`sandbox listening on ${sandbox.url}`);
console.log(`client certificates are asked for on ${sandbox.secapiUrl}`);
stopOnSignal(sandbox);

function stopOnSignal(running: Sandbox): void {
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= running.close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

function parseTimeScale(text: string): number {
  const scale = Number(text);
  if (!(scale > 0 && Number.isFinite(scale))) throw new InvalidArgumentError('a number above 0');
  return scale;
}
