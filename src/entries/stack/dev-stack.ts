import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readTemporalConfig, type Config } from '../config.js';
import type { DevFile } from '../../cli/kit/dev-file.js';
import { connect } from '../../db/connection.js';
import { migrate } from '../../db/migrate.js';
import { startPostgres, type PostgresServer } from '../../embedded/postgres.js';
import type { Stack } from '../../embedded/stack.js';
import { startTemporal, type TemporalServer } from '../../embedded/temporal.js';
import type { Mchid } from '../../base/ids.js';
import { loadMerchants } from '../merchants.js';
import { addSandboxMerchant, moveWebhooks, writeSandboxMerchants } from '../sandbox-merchants.js';
import { devFile, removeDevFile, writeDevFile, ensureCheckoutKey, ensureDevKeys, type DevKeys } from './home.js';
import { choosePorts, type Ports } from './ports.js';
import { nodeArguments, replaceable, startNode, type Part } from './processes.js';

export type DevStackOptions = {
  readonly config: Config;
  readonly stack: Stack;
  readonly onProgress: (line: string) => void;
  /** `false` for a folder that is thrown away: a crash may then lose Postgres's data. */
  readonly durable: boolean;
  readonly timeScale?: number;
  /** Seconds by which WeChat Pay's clock is behind; default 0. */
  readonly clockOffset?: number;
  /** Adds a merchant of API v2 to the sandbox's, in a new folder. */
  readonly withV2?: boolean;
};

export type DevStack = {
  readonly dev: DevFile;
  /** Of the worker and the ingress: more of them can be started. */
  readonly environment: Config['environment'];
  readonly workerUrl: string;
  /** Where the ingress has `/ops`, `/docs` and `/metrics`: the API's own address, or one for operators alone. */
  readonly adminUrl: string;
  readonly temporal: Part<TemporalServer>;
  readonly postgres: Part<PostgresServer>;
  readonly sandbox: Part;
  readonly worker: Part;
  readonly ingress: Part;
};

/** Temporal, Postgres, the sandbox, a worker and an ingress on one machine, each a process of its own. */
export async function startDevStack(options: DevStackOptions): Promise<DevStack> {
  const { config, stack, onProgress } = options;
  const { home } = config;
  await mkdir(join(home, 'logs'), { recursive: true, mode: 0o700 });
  await removeDevFile(home);
  // A broken merchants file is reported before anything is started.
  if (config.merchantsFile !== undefined || existsSync(merchantsFileOf(config)))
    await loadMerchants(merchantsFileOf(config));
  const ports = await choosePorts(home, config.ports, unused(config));
  onProgress('Starting Temporal, Postgres and the sandbox');
  const [temporal, postgres, sandbox] = await allEnded([
    stack.start('Temporal', () => temporalPart(options, ports)),
    stack.start('Postgres', () => postgresPart(options, ports)),
    stack.start('the sandbox', () => sandboxPart(options, ports)),
  ]);
  await migrate(postgres.now.url);
  const sandboxUrl = `http://127.0.0.1:${ports.sandbox}`;
  const merchants = await stackMerchants(options, sandboxUrl);
  const keys = await devKeys(home, postgres.now.url, [...merchants.keys()]);
  const env = await serviceEnvironment(config, ports, temporal.now, postgres.now);
  onProgress('Starting the worker and the ingress');
  const node = (name: string, entry: string, ready: RegExp): Promise<Part> =>
    stack.start(name, () =>
      startNode({ name, args: nodeArguments(entry), env, logFile: join(home, 'logs', `${entry}.log`), ready }),
    );
  const [worker, ingress] = await allEnded([
    node('the worker', 'worker', /^worker running$/),
    node('the ingress', 'serve', /^ingress listening on /),
  ]);
  const urls = { apiUrl: `http://127.0.0.1:${ports.api}`, sandboxUrl, databaseUrl: postgres.now.url };
  const temporalUrls = { temporalAddress: temporal.now.address, temporalUiUrl: temporal.now.uiUrl };
  const dev = devFile({ ...urls, ...temporalUrls }, merchants, keys);
  await writeDevFile(home, dev);
  const workerUrl = `http://127.0.0.1:${ports.worker}`;
  const adminUrl = config.adminPort === undefined ? dev.apiUrl : `http://127.0.0.1:${ports.admin}`;
  return { dev, environment: env, adminUrl, workerUrl, temporal, postgres, sandbox, worker, ingress };
}

/** `Promise.all` that throws a failure only when every start has ended: the caller may then end the process. */
async function allEnded<T extends readonly Promise<unknown>[]>(
  starts: readonly [...T],
): ReturnType<typeof Promise.all<T>> {
  await Promise.allSettled(starts);
  return Promise.all(starts);
}

/** The merchants file is written once, for the sandbox's; from then on it is the user's, but for where their shops listen. */
async function stackMerchants({ config, onProgress, withV2 = false }: DevStackOptions, sandboxUrl: string) {
  const file = merchantsFileOf(config);
  const { home, merchantsFile, webhookUrl } = config;
  if (merchantsFile === undefined && !existsSync(file)) {
    if (withV2) await addSandboxMerchant(sandboxUrl, 'v2');
    await writeSandboxMerchants(home, sandboxUrl, webhookUrl);
  } else if (merchantsFile === undefined && webhookUrl !== undefined) await moveWebhooks(home, webhookUrl);
  const merchants = await loadMerchants(file);
  if (webhookUrl !== undefined && [...merchants.values()].some(({ webhook }) => webhook?.url !== webhookUrl))
    onProgress(`PAYSAGA_WEBHOOK_URL is not used for every merchant: ${file} says otherwise`);
  return merchants;
}

async function serviceEnvironment(
  config: Config,
  ports: Ports,
  temporal: TemporalServer,
  postgres: PostgresServer,
): Promise<Config['environment']> {
  return {
    // No load balancer stands before the ingress that would have to learn of its end.
    PAYSAGA_DRAIN_SECONDS: '0',
    ...config.environment,
    ...temporalEnvironment(config, temporal),
    DATABASE_URL: postgres.url,
    PAYSAGA_MERCHANTS: merchantsFileOf(config),
    PAYSAGA_PUBLIC_URL: config.publicUrl ?? `http://127.0.0.1:${ports.api}`,
    PAYSAGA_CHECKOUT_KEY_FILE: await ensureCheckoutKey(config.home),
    PAYSAGA_TEMPORAL_UI_URL: config.temporalUiUrl ?? temporal.uiUrl ?? undefined,
    HOST: '127.0.0.1',
    PORT: String(ports.api),
    PAYSAGA_WORKER_HEALTH_PORT: String(ports.worker),
    PAYSAGA_ADMIN_PORT: config.adminPort === undefined ? undefined : String(ports.admin),
  };
}

/** Without the user's own profile and TLS settings, unless the server is the user's. */
function temporalEnvironment(config: Config, { address, namespace }: TemporalServer): Config['environment'] {
  const { environment, home } = config;
  const chosen = { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
  if (environment['TEMPORAL_ADDRESS'] !== undefined) return chosen;
  const others = Object.keys(environment).filter((name) => name.startsWith('TEMPORAL_'));
  const none = Object.fromEntries(others.map((name) => [name, undefined]));
  return { ...none, ...chosen, TEMPORAL_CONFIG_FILE: join(home, 'no-temporal-profile.toml') };
}

function unused({ databaseUrl, environment, adminPort }: Config): (keyof Ports)[] {
  return [
    ...(databaseUrl === undefined ? [] : (['postgres'] as const)),
    ...(environment['TEMPORAL_ADDRESS'] === undefined ? [] : (['temporal', 'temporalUi'] as const)),
    ...(adminPort === undefined ? (['admin'] as const) : []),
  ];
}

function temporalPart({ config, onProgress, durable }: DevStackOptions, ports: Ports): Promise<Part<TemporalServer>> {
  const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace } = config.environment;
  return replaceable(() =>
    startTemporal({
      env: config.environment,
      cacheDir: config.cacheDir,
      onProgress,
      port: ports.temporal,
      uiPort: ports.temporalUi,
      logFile: join(config.home, 'logs', 'temporal.log'),
      namespace,
      ...(address === undefined ? {} : { address, connection: readTemporalConfig(config.environment).connection }),
      ...(durable ? { dbFile: temporalFileOf(config.home) } : {}),
    }),
  );
}

function postgresPart({ config, onProgress, durable }: DevStackOptions, ports: Ports): Promise<Part<PostgresServer>> {
  return replaceable(() =>
    startPostgres({
      dataDir: join(config.home, 'postgres'),
      port: ports.postgres,
      durable,
      onProgress,
      logFile: join(config.home, 'logs', 'postgres.log'),
      databaseUrl: config.databaseUrl,
    }),
  );
}

function sandboxPart({ config, timeScale = 1, clockOffset = 0 }: DevStackOptions, ports: Ports): Promise<Part> {
  const options = ['--port', String(ports.sandbox), '--dir', join(config.home, 'sandbox')];
  const time = ['--time-scale', String(timeScale), '--clock-offset', String(clockOffset)];
  return startNode({
    name: 'the sandbox',
    args: nodeArguments('sandbox', ...options, ...time),
    env: config.environment,
    logFile: join(config.home, 'logs', 'sandbox.log'),
    ready: /^sandbox listening on /,
  });
}

export const temporalFileOf = (home: string): string => join(home, 'temporal.db');

const merchantsFileOf = ({ merchantsFile, home }: Config): string => merchantsFile ?? join(home, 'merchants.json');

function devKeys(home: string, databaseUrl: string, mchids: readonly Mchid[]): Promise<DevKeys> {
  const { db, close } = connect(databaseUrl, { max: 1, applicationName: 'paysaga-start' });
  return ensureDevKeys(home, db, mchids).finally(close);
}
