import type { Client } from '@temporalio/client';
import { connectTemporal, type TemporalConfig, type TemporalConnection } from '../../temporal/connection.js';
import { GRPC, grpcCode } from '../../temporal/grpc.js';
import {
  behind,
  checksOf,
  failed,
  ok,
  reaching,
  skipped,
  unreachable,
  type CheckResult,
  type Finding,
  type Reached,
  type Rows,
} from '../check.js';
import type { Installation } from '../configuration.js';
import type { Examination, Section } from '../examine.js';
import { checkNamespace, checkSearchAttributes } from './namespace.js';
import { checkSweeper, checkDeployment, checkFailingTasks, checkPollers, type Queue } from './workers.js';

type Used = {
  readonly queues: Readonly<Record<'order' | 'wechat' | 'polls' | 'money' | 'shop' | 'bills', string>>;
  readonly searchAttributes: readonly string[];
};

export const temporalSection =
  (used: Used): Section =>
  ({ check, now, installation: { temporal, workers, deployment } }) =>
    temporal === undefined ? [] : checkTemporal({ ...used, check, now, workers, deployment }, temporal);

type TemporalDeps = Used & Pick<Examination, 'check' | 'now'> & Pick<Installation, 'workers' | 'deployment'>;

export async function checkTemporal(deps: TemporalDeps, config: TemporalConfig): Promise<CheckResult[]> {
  const one = checksOf(deps.check, 'temporal');
  const connection = open(config);
  if (connection === undefined) return [await one('reachable', () => UNUSABLE)];
  const server = { ...deps, one, client: connection.client, namespace: config.namespace };
  return checkServer(server, config.connection.address).finally(() => connection.close());
}

const UNUSABLE = failed(
  'the TEMPORAL_ settings cannot be used together',
  'Compare them with docs/configuration.md: an address is host:port, and a client certificate needs its key.',
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
  const { result, found: version } = await reaching(one, 'reachable', () => reachTemporal(client, address));
  const unasked = 'Temporal cannot be asked';
  const place = await reaching(one, 'namespace', () =>
    version === undefined ? { finding: skipped(unasked) } : checkNamespace(client, namespace),
  );
  const ofServer = await behind(one, version, [['version', checkServerVersion]], unasked);
  const inside = await behind(one, place.found, insideNamespace(server), 'the namespace cannot be asked');
  return [result, ...ofServer, place.result, ...inside];
}

function insideNamespace(server: Server): Rows<true> {
  const { client, namespace, now, queues, searchAttributes } = server;
  return [
    ['search attributes', () => checkSearchAttributes({ client, namespace, names: searchAttributes })],
    ...queuesOf(queues).map((queue) => [`workers on ${queue.name}`, () => checkPollers(server, queue)] as const),
    ['deployment', () => checkDeployment(server)],
    ['sweeper', () => checkSweeper(client, `sweeper/${queues.order}`, now)],
    ['failing tasks', () => checkFailingTasks(client, namespace)],
  ];
}

const queuesOf = ({ order, wechat, polls, money, shop, bills }: Used['queues']): readonly Queue[] => [
  { name: order, kinds: ['workflow', 'activity'] },
  { name: wechat, kinds: ['activity'], isLimited: true },
  { name: polls, kinds: ['activity'] },
  { name: money, kinds: ['activity'] },
  { name: shop, kinds: ['activity'] },
  { name: bills, kinds: ['activity'] },
];

const TIMEOUT_MS = 5_000;

const SILENT: readonly number[] = [GRPC.cancelled, GRPC.deadlineExceeded, GRPC.unavailable];

async function reachTemporal(client: Client, address: string): Promise<Reached<string>> {
  try {
    const { serverVersion } = await client.withDeadline(Date.now() + TIMEOUT_MS, () =>
      client.workflowService.getSystemInfo({}),
    );
    return { found: serverVersion, finding: ok(address) };
  } catch (error) {
    return { finding: unanswered(grpcCode(error), address) };
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
