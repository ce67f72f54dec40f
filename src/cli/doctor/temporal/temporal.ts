import type { Client } from '@temporalio/client';
import { connectTemporal, type TemporalConfig, type TemporalConnection } from '../../../temporal/connection.js';
import type { Checker, CheckResult } from '../checker.js';
import type { DoctorDeps } from '../deps.js';
import { failed, skipped, type Finding } from '../finding.js';
import { checkDeployment, type Deployment } from './deployment.js';
import { checkFailingTasks } from './failing-tasks.js';
import { checkNamespace } from './namespace.js';
import { checkPollers, type Queue } from './pollers.js';
import { reachTemporal } from './reachable.js';
import { checkSearchAttributes } from './search-attributes.js';
import { checkSweeper } from './sweeper.js';
import { checkServerVersion } from './version.js';

type TemporalDeps = Pick<DoctorDeps, 'queues' | 'searchAttributes'> & {
  readonly check: Checker;
  readonly now: () => Date;
  readonly workers: number;
  readonly deployment: Deployment | undefined;
};

type One = (name: string, run: () => Finding | Promise<Finding>) => Promise<CheckResult>;

export async function checkTemporal(deps: TemporalDeps, config: TemporalConfig): Promise<CheckResult[]> {
  const one: One = (name, run) => deps.check({ group: 'temporal', name, subject: 'temporal', run });
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

type Server = TemporalDeps & { readonly one: One; readonly client: Client; readonly namespace: string };

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

const queuesOf = ({ order, wechat, money, shop }: DoctorDeps['queues']): readonly Queue[] => [
  { name: order, kinds: ['workflow', 'activity'] },
  { name: wechat, kinds: ['activity'], isLimited: true },
  { name: money, kinds: ['activity'] },
  { name: shop, kinds: ['activity'] },
];
