import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { readConfig } from './config.js';
import { createStack } from '../embedded/stack.js';
import { pastDay } from './demo/billed-day.js';
import { runDemo, summaryOf } from './demo/run.js';
import { startShopEndpoint } from './demo/shop-endpoint.js';
import { runProcess } from './process.js';
import { startDevStack } from './stack/dev-stack.js';

/** The 15 s after a failed first notify are one. */
const TIME_SCALE = 15;

/** Real processes and a real wire, in a folder that is thrown away. */
await runProcess('demo', async () => {
  const { keep } = new Command('demo')
    .option('--keep', 'stay, with everything running, until Ctrl-C')
    .parse()
    .opts<{ keep?: true }>();
  const home = await mkdtemp(join(tmpdir(), 'paysaga-demo-'));
  const stack = createStack(() => undefined);
  const interrupted = stack.untilInterrupted();
  try {
    const code = await Promise.race([show(home, stack, keep === true), interrupted.then(() => 130)]);
    process.exitCode = code;
    if (keep === true && code !== 130) await interrupted;
  } finally {
    await stack.stopAll();
    await rm(home, { recursive: true, force: true });
  }
  // The signal handlers keep the process alive.
  process.exit();
});

async function show(home: string, stack: ReturnType<typeof createStack>, keep: boolean): Promise<number> {
  const ports = { api: 0, sandbox: 0, temporal: 0, temporalUi: 0, postgres: 0, worker: 0, admin: 0 };
  const endpoint = await stack.start('the shop', startShopEndpoint);
  const webhookUrl = endpoint.url;
  const config = { ...readConfig(), home, ports, merchantsFile: undefined, publicUrl: undefined, webhookUrl };
  const onProgress = (line: string): void => console.error(line);
  const past = pastDay(new Date());
  const running = await startDevStack({
    ...{ config, stack, onProgress, durable: false },
    ...{ timeScale: TIME_SCALE, clockOffset: past.behindSeconds, withV2: true },
  });
  const { dev, adminUrl } = running;
  for (const { webhookSecret } of dev.merchants) if (webhookSecret !== null) endpoint.trust(webhookSecret);
  const { lines, exitCode } = summaryOf(await runDemo({ stack: running, endpoint, past, output: process.stdout }));
  if (keep) {
    const { apiUrl, sandboxUrl, temporalUiUrl, apiKey } = dev;
    console.log(
      `\nTemporal UI ${temporalUiUrl ?? '-'}\nAPI ${apiUrl} (docs: ${adminUrl}/docs)\nSandbox ${sandboxUrl}\nKey ${apiKey}\n`,
    );
  }
  for (const line of lines) console.log(line);
  return exitCode;
}
