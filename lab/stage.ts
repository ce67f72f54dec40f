import { join } from 'node:path';
import { freePorts } from '../src/embedded/machine.js';
import { startPostgres } from '../src/embedded/postgres.js';
import type { Stack } from '../src/embedded/stack.js';
import { readConfig, type Config } from '../src/entries/config.js';
import type { DevFile } from '../src/cli/kit/dev-file.js';
import { startDevStack, temporalFileOf, type DevStack } from '../src/entries/stack/dev-stack.js';
import { ownEnvironment } from '../src/entries/stack/environment.js';
import { nodeArguments, replaceable, startNode, type Part } from '../src/entries/stack/processes.js';
import { startBalancer } from './balancer.js';
import { startPgBouncer } from './pgbouncer.js';
import type { PartName } from './plan.js';
import { watch, type Death } from './watch.js';

export type StageOptions = {
  readonly home: string;
  readonly stack: Stack;
  readonly webhookUrl: string;
  readonly pooler: boolean;
  readonly onProgress: (line: string) => void;
};

export type Stage = Awaited<ReturnType<typeof startStage>>;

/** The 15 s, 15 s, 30 s and 3 min between a notify's attempts are a second or less each, and then 9. */
const TIME_SCALE = 20;
const WORKERS = 2;

/**
 * The sandbox, Temporal with its store in a file, Postgres, two workers and two ingresses behind a load balancer, each a process of its own
 * that can be hurt; with `pooler`, PgBouncer before Postgres.
 */
export async function startStage(options: StageOptions) {
  const { home, stack, onProgress } = options;
  const balancer = await stack.start('the balancer', startBalancer);
  const publicUrl = `http://127.0.0.1:${balancer.port}`;
  const { postgres, bouncer } = await startStorage(options);
  const config = configOf(options, publicUrl, bouncer?.url ?? postgres.now.url);
  const first = await startDevStack({ config, stack, onProgress, durable: true, timeScale: TIME_SCALE, withV2: true });
  const second = await startSecond(options, first);
  const ingressUrls = [first.dev.apiUrl, second.ingressUrl];
  balancer.to(ingressUrls.map((url) => Number(new URL(url).port)));
  const parts = new Map<PartName, Part>([
    ['ingress 1', first.ingress],
    ['ingress 2', second.ingress],
    ['worker 1', first.worker],
    ['worker 2', second.worker],
    ['Temporal', first.temporal],
    ['Postgres', postgres],
    ['the sandbox', first.sandbox],
    ...(bouncer === undefined ? [] : ([['PgBouncer', bouncer]] as const)),
  ]);
  const watched = watch(parts, temporalFileOf(home), onProgress);
  await stack.start('the watch', () => Promise.resolve(watched));
  return {
    home,
    dev: { ...first.dev, apiUrl: publicUrl } satisfies DevFile,
    ingressUrls,
    namespace: first.temporal.now.namespace,
    hurt: watched.hurt,
    down: watched.down,
    get deaths(): readonly Death[] {
      return watched.deaths;
    },
    /** Names of processes that are not there. */
    dead: watched.dead,
  };
}

async function startStorage({ home, stack, pooler, onProgress }: StageOptions) {
  const [port = 0] = await freePorts(1);
  const place = { dataDir: join(home, 'postgres'), logFile: join(home, 'postgres.log') };
  const postgres = await stack.start('Postgres', () =>
    replaceable(() => startPostgres({ ...place, port, onProgress })),
  );
  const bouncer = pooler ? await stack.start('PgBouncer', () => startPgBouncer(postgres.now.url, home)) : undefined;
  return { postgres, bouncer };
}

function configOf({ home, webhookUrl }: StageOptions, publicUrl: string, databaseUrl: string): Config {
  const own = { DATABASE_URL: databaseUrl, PAYSAGA_HOME: home, PAYSAGA_WORKERS: String(WORKERS) };
  return { ...readConfig({ ...ownEnvironment(readConfig().environment), ...own }), webhookUrl, publicUrl };
}

/** Another worker and another ingress, configured as the first ones. */
async function startSecond({ home, stack }: StageOptions, { environment }: DevStack) {
  const [ingressPort = 0, workerPort = 0] = await freePorts(2);
  const start = (name: string, entry: string, ready: RegExp, own: Readonly<Record<string, string>>): Promise<Part> => {
    const logFile = join(home, 'logs', `${entry}-2.log`);
    const service = { name, args: nodeArguments(entry), env: { ...environment, ...own }, logFile, ready };
    return stack.start(name, () => startNode(service));
  };
  const health = { PAYSAGA_WORKER_HEALTH_PORT: String(workerPort) };
  const worker = await start('worker 2', 'worker', /^worker running$/, health);
  const ingress = await start('ingress 2', 'serve', /^ingress listening on /, { PORT: String(ingressPort) });
  return { worker, ingress, ingressUrl: `http://127.0.0.1:${ingressPort}` };
}
