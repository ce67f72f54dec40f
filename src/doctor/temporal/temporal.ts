import type { Client } from '@temporalio/client';
import { connectTemporal, type TemporalConfig, type TemporalConnection } from '../../temporal/connection.js';
import { GRPC, grpcCode } from '../../temporal/grpc.js';
import { checksOf, failed, ok, skipped, unreachable, type Checker, type CheckResult, type Finding } from '../check.js';
import type { Section } from '../examine.js';
import { checkNamespace, checkSearchAttributes } from './namespace.js';
import { checkSweeper } from './sweeper.js';
import { checkDeployment, checkFailingTasks, checkPollers, type Deployment, type Queue } from './workers.js';

/** What workers and workflows use there. */
type Used = {
  /** `order` is where workflows run. */
  readonly queues: { readonly order: string; readonly wechat: string; readonly money: string; readonly shop: string };
  readonly searchAttributes: readonly string[];
};

/** Temporal, where something names a server. */
export const temporalSection =
  (used: Used): Section =>
  ({ check, now, installation: { temporal, workers, deployment } }) =>
    temporal === undefined ? [] : checkTemporal({ ...used, check, now, workers, deployment }, temporal);

type TemporalDeps = Used & {
  readonly check: Checker;
  readonly now: () => Date;
  readonly workers: number;
  readonly deployment: Deployment | undefined;
};

export async function checkTemporal(deps: TemporalDeps, config: TemporalConfig): Promise<CheckResult[]> {
  const one = checksOf(deps.check, 'temporal');
  const connection = open(config);
  if (connection === undefined) return [await one('reachable', () => UNUSABLE)];
  try {
    return await checkServer(
      { ...deps, one, client: connection.client, namespace: config.namespace },
      config.connection.address,
    );
  } finally {
    await connection.close();
  }
}

const UNUSABLE = failed(
  'the TEMPORAL_ settings cannot be used together',
  "Compare them with README's table: an address is host:port, and a client certificate needs its key.",
);

/** Nothing is connected yet; the SDK only reads the settings. */
function open(config: TemporalConfig): TemporalConnection | undefined {
  try {
    return connectTemporal(config);
  } catch {
    return undefined;
  }
}

type Server = TemporalDeps & {
  readonly one: ReturnType<typeof checksOf>;
  readonly client: Client;
  readonly namespace: string;
};

async function checkServer(server: Server, address = 'localhost:7233'): Promise<CheckResult[]> {
  const { one, client, namespace } = server;
  let version: string | undefined;
  const reached = await one('reachable', async () => {
    const answer = await reachTemporal(client, address);
    ({ version } = answer);
    return answer.finding;
  });
  let exists = false;
  const namespaceResult = await one('namespace', async () => {
    if (version === undefined) return skipped('Temporal cannot be asked');
    const answer = await checkNamespace(client, namespace);
    ({ exists } = answer);
    return answer.finding;
  });
  const versionResult = await one('version', () =>
    version === undefined ? skipped('Temporal cannot be asked') : checkServerVersion(version),
  );
  const inside = insideNamespace(server).map(([name, run]) =>
    one(name, () => (exists ? run() : skipped('the namespace cannot be asked'))),
  );
  return [reached, versionResult, namespaceResult, ...(await Promise.all(inside))];
}

function insideNamespace(server: Server): (readonly [string, () => Promise<Finding>])[] {
  const { client, namespace, now, queues, searchAttributes } = server;
  const polled = queuesOf(queues).map(
    (queue) => [`workers on ${queue.name}`, () => checkPollers(server, queue)] as const,
  );
  return [
    ['search attributes', () => checkSearchAttributes({ client, namespace, names: searchAttributes })],
    ...polled,
    ['deployment', () => checkDeployment(server)],
    ['sweeper', () => checkSweeper(client, `sweeper/${queues.order}`, now)],
    ['failing tasks', () => checkFailingTasks(client, namespace)],
  ];
}

const queuesOf = ({ order, wechat, money, shop }: Used['queues']): readonly Queue[] => [
  { name: order, kinds: ['workflow', 'activity'] },
  { name: wechat, kinds: ['activity'], isLimited: true },
  { name: money, kinds: ['activity'] },
  { name: shop, kinds: ['activity'] },
];

type Reached = { readonly version: string | undefined; readonly finding: Finding };

const TIMEOUT_MS = 5_000;

const SILENT: readonly number[] = [GRPC.cancelled, GRPC.deadlineExceeded, GRPC.unavailable];

async function reachTemporal(client: Client, address: string): Promise<Reached> {
  try {
    const { serverVersion } = await client.withDeadline(Date.now() + TIMEOUT_MS, () =>
      client.workflowService.getSystemInfo({}),
    );
    return { version: serverVersion, finding: ok(address) };
  } catch (error) {
    return { version: undefined, finding: unanswered(grpcCode(error), address) };
  }
}

function unanswered(code: number, address: string): Finding {
  if (SILENT.includes(code)) {
    return unreachable(
      `${address} does not answer`,
      'Start Temporal, or correct TEMPORAL_ADDRESS and the TEMPORAL_TLS settings, since a server with TLS is silent without it.',
    );
  }
  return failed(
    `${address} refuses this client (gRPC status ${code})`,
    'Give TEMPORAL_API_KEY, or TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH, of this namespace.',
  );
}

/** The oldest server PaySaga runs on. */
const OLDEST = { major: 1, minor: 29 };

export function checkServerVersion(version: string): Finding {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined || minor === undefined) return skipped('the server does not say its version');
  const isNewEnough = Number(major) > OLDEST.major || (Number(major) === OLDEST.major && Number(minor) >= OLDEST.minor);
  if (isNewEnough) return ok(version);
  return failed(
    `Temporal ${version} is too old`,
    `Move Temporal to ${OLDEST.major}.${OLDEST.minor} or newer, one minor version at a time.`,
  );
}
