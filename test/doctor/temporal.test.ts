import { randomBytes } from 'node:crypto';
import { Connection, Client, ScheduleOverlapPolicy } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createChecker, type CheckResult } from '../../src/doctor/check.js';
import { checkDeployment, checkFailingTasks, checkPollers, checkSweeper } from '../../src/doctor/temporal/workers.js';
import { checkNamespace, checkSearchAttributes } from '../../src/doctor/temporal/namespace.js';
import { checkTemporal, checkServerVersion } from '../../src/doctor/temporal/temporal.js';
import { SEARCH_ATTRIBUTES } from '../../workflows/saga/messages.js';
import { until } from '../support/until.js';

const suffix = randomBytes(4).toString('hex');
const NAMESPACE = `doctor-${suffix}`;
const queues = {
  order: `paysaga-${suffix}`,
  wechat: `wechat-${suffix}`,
  polls: `wechat-polls-${suffix}`,
  money: `wechat-money-${suffix}`,
  shop: `paysaga-shop-${suffix}`,
  bills: `paysaga-bills-${suffix}`,
};

let connection: Connection;
let client: Client;
/** A namespace of its own, as an administrator makes it who has not read the documentation. */
beforeAll(async () => {
  connection = await Connection.connect({ address: inject('temporalAddress') });
  client = new Client({ connection, namespace: NAMESPACE });
  await connection.workflowService.registerNamespace({
    namespace: NAMESPACE,
    workflowExecutionRetentionPeriod: Object.fromEntries([['seconds', 86_400]]),
  });
  // The server's cache learns of it some seconds later.
  const use = () => connection.workflowService.countWorkflowExecutions({ namespace: NAMESPACE });
  await until('the namespace', () =>
    use().then(
      () => true,
      () => false,
    ),
  );
});
afterAll(() => connection.close());

type Asked = { readonly address?: string; readonly namespace?: string; readonly isFixing?: boolean };

async function examine(asked: Asked = {}): Promise<CheckResult[]> {
  const { address = inject('temporalAddress'), namespace = NAMESPACE, isFixing = false } = asked;
  const deps = {
    searchAttributes: Object.values(SEARCH_ATTRIBUTES),
    queues,
    check: createChecker({ isFixing }),
    now: () => new Date(),
    ...installed,
  };
  return checkTemporal(deps, { connection: { address }, namespace });
}

const installed = { workers: 1, deployment: undefined };

const seenBy = (results: readonly CheckResult[], name: string) => {
  const found = results.find((result) => result.name === name);
  return found && { status: found.status, seen: found.seen, cure: found.cure };
};

describe('a Temporal server that cannot be asked', () => {
  it('is unreachable where nobody listens, and the rest is skipped', async () => {
    const results = await examine({ address: '127.0.0.1:1' });
    expect(results[0]).toMatchObject({
      status: 'failed',
      unreachable: true,
      seen: '127.0.0.1:1 does not answer',
      cure: 'Start Temporal, or correct TEMPORAL_ADDRESS and the TEMPORAL_TLS settings, since a server with TLS is silent without it.',
    });
    expect(new Set(results.slice(1).map(({ status }) => status))).toEqual(new Set(['skipped']));
  });

  it('has to know the namespace', async () => {
    const results = await examine({ namespace: 'no-such-namespace' });
    expect(seenBy(results, 'namespace')).toEqual({
      status: 'failed',
      seen: 'there is no namespace no-such-namespace',
      cure: 'Set TEMPORAL_NAMESPACE, or run: temporal operator namespace create --namespace no-such-namespace --retention 720h',
    });
    expect(seenBy(results, 'sweeper')).toMatchObject({ status: 'skipped' });
  });
});

describe('a namespace that nobody prepared', () => {
  it('lacks everything, and --fix adds the search attributes', async () => {
    const results = await examine();
    expect(results.map(({ name, status }) => `${name} ${status}`)).toEqual([
      'reachable ok',
      'version ok',
      'namespace warning',
      'search attributes failed',
      `workers on ${queues.order} failed`,
      `workers on ${queues.wechat} failed`,
      `workers on ${queues.polls} failed`,
      `workers on ${queues.money} failed`,
      `workers on ${queues.shop} failed`,
      `workers on ${queues.bills} failed`,
      'deployment skipped',
      'sweeper failed',
      expect.stringMatching(/^failing tasks (ok|skipped)$/),
    ]);
    expect(seenBy(results, 'namespace')).toEqual({
      status: 'warning',
      seen: `${NAMESPACE} keeps histories for 24 hours only`,
      cure: `Run: temporal operator namespace update --namespace ${NAMESPACE} --retention 720h`,
    });
    expect(seenBy(results, 'search attributes')).toEqual({
      status: 'failed',
      seen: 'the search attributes PayState, StuckReason, Mchid are missing, and no order can start',
      cure: `Run --fix, or: temporal operator search-attribute create --namespace ${NAMESPACE} --name PayState --type Keyword --name StuckReason --type Keyword --name Mchid --type Keyword`,
    });
    expect(seenBy(results, `workers on ${queues.order}`)).toEqual({
      status: 'failed',
      seen: `nobody polls ${queues.order} for workflow and activity tasks`,
      cure: 'Start a worker with npm run worker.',
    });
    expect(seenBy(results, 'sweeper')).toEqual({
      status: 'failed',
      seen: `there is no schedule sweeper/${queues.order}`,
      cure: 'Start a worker with npm run worker, which creates it.',
    });

    const repaired = (await examine({ isFixing: true })).find(({ name }) => name === 'search attributes');
    expect(repaired).toMatchObject({ status: 'ok', fixed: true, seen: 'PayState, StuckReason, Mchid' });
    await connection.workflowService.countWorkflowExecutions({ namespace: NAMESPACE, query: "StuckReason = 'review'" });
  });

  it('may have a search attribute of another type', async () => {
    const searchAttributes = Object.fromEntries([['Odd', 1]]);
    await connection.operatorService.addSearchAttributes({ namespace: NAMESPACE, searchAttributes });
    await expect
      .poll(() => checkSearchAttributes({ client, namespace: NAMESPACE, names: ['Odd'] }))
      .toEqual({
        status: 'failed',
        seen: 'not of type Keyword: Odd',
        cure: 'Remove Odd from the namespace and create it again with the type Keyword.',
      });
  });
});

/** Whatever becomes of it: nobody waits for a poll. */
const settled = (work: Promise<unknown>): Promise<void> =>
  work.then(
    () => undefined,
    () => undefined,
  );

describe('workers', () => {
  it('are counted by who polls, and may be more than the limits are shared by', async () => {
    const POLL_MS = 60_000;
    const polls = new AbortController();
    const poll = (name: string, identity: string): Promise<unknown> =>
      connection.withAbortSignal(polls.signal, () =>
        connection.withDeadline(Date.now() + POLL_MS, () =>
          connection.workflowService.pollActivityTaskQueue({ namespace: NAMESPACE, taskQueue: { name }, identity }),
        ),
      );
    const place = { client, namespace: NAMESPACE, now: () => new Date(), workers: 1 };
    const queue = { name: queues.shop, kinds: ['activity'], isLimited: true } as const;
    const polling = [settled(poll(queue.name, '1@a')), settled(poll(queue.name, '1@a'))];
    try {
      await expect.poll(() => checkPollers(place, queue)).toEqual({ status: 'ok', seen: '1 worker', cure: null });
      polling.push(settled(poll(queue.name, '2@b')));
      await expect
        .poll(() => checkPollers(place, queue))
        .toEqual({
          status: 'warning',
          seen: '2 workers poll, and PAYSAGA_WORKERS says 1',
          cure: 'Set PAYSAGA_WORKERS to 2 for all of them, else together they exceed the limits at WeChat Pay; one that ended less than 90 s ago still counts.',
        });
      expect(await checkPollers(place, { name: queue.name, kinds: queue.kinds })).toMatchObject({ status: 'ok' });
      const later = { ...place, now: () => new Date(Date.now() + 120_000) };
      expect(await checkPollers(later, queue)).toMatchObject({ status: 'failed' });
      expect(await checkPollers(place, { ...queue, kinds: ['workflow', 'activity'] })).toMatchObject({
        status: 'failed',
        seen: `nobody polls ${queues.shop} for workflow tasks`,
      });
    } finally {
      polls.abort();
      await Promise.all(polling);
    }
  });
});

describe('the sweeper', () => {
  it('has to be there, not paused, and to have run', async () => {
    const scheduleId = `sweeper/${queues.order}`;
    const schedule = await client.schedule.create({
      scheduleId,
      spec: { intervals: [{ every: '365 days' }] },
      policies: { overlap: ScheduleOverlapPolicy.SKIP },
      action: {
        type: 'startWorkflow',
        workflowType: 'sweeper',
        workflowId: scheduleId,
        taskQueue: queues.order,
        args: [],
      },
    });
    const now = () => new Date();
    expect(await checkSweeper(client, scheduleId, now)).toMatchObject({ status: 'ok' });
    await schedule.trigger();
    await expect
      .poll(() => checkSweeper(client, scheduleId, now))
      .toMatchObject({ status: 'ok', seen: expect.stringMatching(/^last run 20/) as unknown });

    expect(await checkSweeper(client, scheduleId, () => new Date(Date.now() + 600_000))).toEqual({
      status: 'failed',
      seen: expect.stringMatching(/^the sweeper has not run since 20/) as unknown,
      cure: 'Look at its schedule in the Temporal UI and at the scheduler of the Temporal server.',
    });

    const { info } = await schedule.describe();
    for (const { action } of info.recentActions) {
      await client.workflow.getHandle(action.workflow.workflowId).terminate();
    }
    await expect
      .poll(() => checkSweeper(client, scheduleId, now))
      .toMatchObject({
        status: 'failed',
        seen: expect.stringMatching(/^1 of the last 1 runs ended TERMINATED$/) as unknown,
        cure: "Look at the sweeper's last run in the Temporal UI and at the worker's log.",
      });

    await schedule.pause('test');
    expect(await checkSweeper(client, scheduleId, now)).toEqual({
      status: 'failed',
      seen: 'the sweeper is paused: what a crash leaves behind stays behind',
      cure: `Run: temporal schedule toggle --unpause --schedule-id ${scheduleId} --reason REASON`,
    });
    await schedule.delete();
  });
});

describe('a deployment', () => {
  it('has to have a current version, this build for choice', async () => {
    const name = `doctor-${suffix}`;
    const place = { client, namespace: NAMESPACE, deployment: { name, buildId: 'b1' } };
    const cure = `Run: temporal worker deployment set-current-version --namespace ${NAMESPACE} --deployment-name ${name} --build-id b1`;
    expect(await checkDeployment(place)).toEqual({
      status: 'failed',
      seen: `no worker of the deployment ${name} has run`,
      cure: 'Start a worker with the PAYSAGA_DEPLOYMENT and PAYSAGA_BUILD_ID that are set here.',
    });
    const poll = new AbortController();
    const versioned = Object.fromEntries([['workerVersioningMode', 2]]);
    const polling = settled(
      connection.withAbortSignal(poll.signal, () =>
        connection.withDeadline(Date.now() + 60_000, () =>
          connection.workflowService.pollWorkflowTaskQueue({
            namespace: NAMESPACE,
            taskQueue: { name: `deployed-${suffix}` },
            identity: '1@a',
            deploymentOptions: { deploymentName: name, buildId: 'b1', ...versioned },
          }),
        ),
      ),
    );
    try {
      await expect
        .poll(() => checkDeployment(place))
        .toEqual({
          status: 'failed',
          seen: `no version of ${name} is current, so no order starts on its workers`,
          cure,
        });
      const current = { namespace: NAMESPACE, deploymentName: name, buildId: 'b1', identity: 'test' };
      await connection.workflowService.setWorkerDeploymentCurrentVersion(current);
      await expect.poll(() => checkDeployment(place)).toMatchObject({ status: 'ok', seen: `${name}, build b1` });
      const newer = { ...place, deployment: { name, buildId: 'b2' } };
      expect(await checkDeployment(newer)).toEqual({
        status: 'warning',
        seen: `the current version of ${name} is build b1, not b2`,
        cure: cure.replace(/b1$/, 'b2'),
      });
    } finally {
      poll.abort();
      await polling;
    }
  });
});

describe('what the server says of itself', () => {
  it.each([
    ['1.29.1', 'ok', null],
    ['1.30.0', 'ok', null],
    ['2.0.0', 'ok', null],
    ['1.28.3', 'failed', 'Move Temporal to 1.29 or newer, one minor version at a time.'],
    ['', 'skipped', null],
  ])('version %s is %s', (version, status, cure) => {
    expect(checkServerVersion(version)).toMatchObject({ status, cure });
  });

  /** A server that answers one call so. */
  const serverThat = (workflowService: object): Client => ({ workflowService }) as unknown as Client;

  it('about workflows whose tasks fail is a warning', async () => {
    const failing = serverThat({ countWorkflowExecutions: () => Promise.resolve({ count: 2 }) });
    expect(await checkFailingTasks(failing, NAMESPACE)).toEqual({
      status: 'warning',
      seen: 'workflows that cannot go on, since their tasks fail: 2',
      cure: "List them in the Temporal UI with: TemporalReportedProblems IS NOT NULL AND ExecutionStatus = 'Running'; deploy the build that started them, or repair the code.",
    });
  });

  it.each([
    [71, 'warning', `${NAMESPACE} keeps histories for 71 hours only`],
    [72, 'ok', `${NAMESPACE}, histories are kept for 3 days; 30 are advised`],
    [720, 'ok', `${NAMESPACE}, histories are kept for 30 days`],
  ])('about a retention of %i hours is %s', async (hours, status, seen) => {
    const config = { workflowExecutionRetentionTtl: { seconds: hours * 3_600 } };
    const keeping = serverThat({ describeNamespace: () => Promise.resolve({ config }) });
    expect(await checkNamespace(keeping, NAMESPACE)).toMatchObject({ found: true, finding: { status, seen } });
  });
});
