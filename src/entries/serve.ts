import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { IngressDeps } from '../http/kit/route.js';
import { startIngress } from '../http/start.js';
import { createProcessRegistry } from '../metrics/registry.js';
import { openOrderChanges } from '../orders/api/order-changes.js';
import { createShopWebhooks } from '../webhooks/webhooks.js';
import { createTestTelling } from '../webhooks/test-event.js';
import { temporalAnswers } from '../temporal/connection.js';
import { ConfigError, readTemporalConfig, required, type Config } from './config.js';
import { runProcess, untilAskedToStop } from './process.js';
import { served } from './served.js';
import { openConfiguredServices } from './services.js';

const GRACE_MS = 10_000;

await runProcess('ingress', async () => {
  const { config, services, merchants, publicUrl, log } = await openConfiguredServices('ingress');
  const checkoutKey = await readCheckoutKey(required(config.checkoutKeyFile, 'PAYSAGA_CHECKOUT_KEY_FILE'));
  const changes = openOrderChanges(services.connection.sql, log);
  const tellTest = createTestTelling(
    createShopWebhooks((mchid) => merchants.of(mchid)?.webhook),
    services.now,
  );
  const ready = async () => ({ temporal: await temporalAnswers(services.temporal) });
  const own = {
    merchants,
    publicUrl: () => publicUrl,
    checkoutKey,
    changes,
    tellTest,
    log,
    ready,
    ...temporalUiOf(config),
  };
  const deps = { ...services, ...own, registry: createProcessRegistry() };
  const { port, host, adminPort } = config;
  const ingress = await startIngress(deps, served, { port, host, adminPort });
  const forOperators = ingress.adminUrl === undefined ? '' : `, for operators on ${ingress.adminUrl}`;
  console.log(`ingress listening on ${ingress.url}${forOperators}`);
  const signal = await untilAskedToStop();
  ingress.drain();
  // A load balancer learns of it meanwhile; a person at a terminal does not wait.
  if (signal === 'SIGTERM') await sleep(config.drainSeconds * 1_000);
  await ingress.close(GRACE_MS);
  await changes.close();
  await services.close();
  // A connection whose other end is gone would hold the process for many minutes.
  process.exit(0);
});

function temporalUiOf({ temporalUiUrl: url, environment }: Config): Pick<IngressDeps, 'temporalUi'> {
  return url === undefined ? {} : { temporalUi: { url, namespace: readTemporalConfig(environment).namespace } };
}

async function readCheckoutKey(file: string): Promise<Buffer> {
  const key = await readFile(file).catch((cause: unknown) => {
    throw new ConfigError(`PAYSAGA_CHECKOUT_KEY_FILE: ${file} cannot be read`, { cause });
  });
  if (key.length < 32) throw new ConfigError(`PAYSAGA_CHECKOUT_KEY_FILE: ${file} holds fewer than 32 bytes`);
  return key;
}
