import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { runCli, type CliEnvironment } from '../../src/cli/cli.js';
import type { Replay } from '../../src/cli/replay.js';
import { commandsOf } from '../../src/entries/commands.js';
import { workflowBundle } from '../../src/entries/workflow-bundle.js';
import type { OrderNo } from '../../src/base/ids.js';
import { startCommand } from '../support/command.js';
import { stackEnvironment } from '../support/dev-stack.js';
import { useSaga } from '../support/saga.js';
import { useShopEndpoint } from '../support/shop-endpoint.js';
import { FOLDER } from '../support/stored-histories.js';

const DAY_MS = 24 * 3_600_000;

/** In this process: the process's own runtime of the SDK is there already. */
const replay: Replay = async function* (histories) {
  const named = async function* () {
    for await (const { name, history } of histories) yield { workflowId: name, history };
  };
  for await (const { workflowId, error } of Worker.runReplayHistories(
    { workflowBundle: await workflowBundle() },
    named(),
  ))
    yield { name: workflowId, problem: error?.name };
};

describe('the command line beside a running PaySaga', () => {
  const shop = useShopEndpoint();
  const saga = useSaga({ endpoint: shop });
  let folder: string;
  let config: CliEnvironment['config'];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'paysaga-operate-'));
    const temporal = { connection: { address: inject('temporalAddress') }, namespace: inject('temporalNamespace') };
    const { apiUrl, operatorKey, databaseUrl } = saga;
    config = { home: folder, apiUrl, operatorKey, databaseUrl, temporal, language: 'en' };
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  async function paysaga(...argv: string[]) {
    const said = { out: '', err: '' };
    const stdout = { write: (text: string) => (said.out += text) };
    const stderr = { write: (text: string) => (said.err += text) };
    const code = await runCli(argv, { config, stdout, stderr, now: () => new Date() }, commandsOf(replay));
    return { code, ...said };
  }
  /** What it printed; fails unless it is done. */
  async function done(...argv: string[]): Promise<string> {
    const { code, out, err } = await paysaga(...argv);
    expect({ argv, code, err: code === 0 ? '' : err }).toEqual({ argv, code: 0, err: '' });
    return out;
  }
  const lifeOf = async (orderNo: OrderNo) => {
    const { createdAt, expiresAt } = await saga.order(orderNo);
    return Date.parse(expiresAt) - Date.parse(createdAt);
  };
  async function stuckOrder(): Promise<OrderNo> {
    const { orderNo } = await saga.createOrder();
    await saga.gateway.fault({
      on: 'query',
      kind: 'error',
      status: 403,
      code: 'NO_AUTH',
      effect: false,
      times: 0,
      outTradeNo: orderNo,
    });
    await saga.call('POST', `/v1/orders/${orderNo}/sync`);
    await saga.orderWhen(orderNo, ({ stuckReason }) => stuckReason === 'merchant_config');
    return orderNo;
  }
  async function lostOrder(): Promise<OrderNo> {
    const { orderNo } = await saga.createOrder();
    await saga.workflow(orderNo).terminate();
    return orderNo;
  }
  async function expectRunning(workflow: WorkflowHandle): Promise<void> {
    expect((await workflow.describe()).status.name).toBe('RUNNING');
  }
  async function paidOrder(): Promise<OrderNo> {
    const { orderNo } = await saga.createOrder();
    await saga.gateway.pay(orderNo);
    await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
    return orderNo;
  }

  test('what is stuck is found, understood, held by filter, rechecked and released', async () => {
    const [first, second] = [await stuckOrder(), await stuckOrder()];
    const list = await done('orders', '--stuck', '--stuck-reason', 'merchant_config');
    expect(list.indexOf(first)).toBeLessThan(list.indexOf(second));
    expect(list).toContain('Money at risk: ¥0.00 in 2 orders; not paid yet: ¥24.00.');
    const card = await done('show', first);
    expect(card).toMatch(/stuck +merchant_config/);
    expect(card).toContain('$ paysaga ');
    expect(card).toMatch(/│ gateway +│ call.query +│/);

    const filter = ['--stuck-reason', 'merchant_config', '--state', 'awaitingPayment'];
    expect((await paysaga('hold', ...filter, '--reason', 'no rights')).code).toBe(2);
    expect(await lifeOf(first)).toBe(7_200_000);
    expect(await done('hold', ...filter, '--reason', 'no rights', '--yes')).toBe('2 of 2 done, 0 failed.\n');
    expect(await lifeOf(first)).toBe(7 * DAY_MS);

    await saga.gateway.repair();
    await done('recheck', first, '--reason', 'rights are back');
    await done('recheck', '--orders', second, '--reason', 'rights are back', '--yes');
    for (const orderNo of [first, second]) await saga.orderWhen(orderNo, ({ stuckReason }) => stuckReason === null);
    await done('release', first, '--reason', 'over');
    expect(await lifeOf(first)).toBe(7_200_000);
    const until = new Date(Date.now() + DAY_MS).toISOString();
    await done('extend', first, '--until', until, '--reason', 'the payer asked for a day');
    expect((await saga.order(first)).expiresAt).toBe(until);
    expect(await done('close', second, '--reason', 'cancelled')).toContain('closed (cancelled)');

    const history = await done('show', first);
    for (const reason of ['no rights', 'rights are back', 'over', 'asked for a day']) expect(history).toContain(reason);
    const nobody = await paysaga('hold', 'A-0000000', '--reason', 'x');
    expect([nobody.code, nobody.out]).toEqual([1, expect.stringContaining('order_not_found')]);
  });

  test('what cannot go on is rescued: one order, one refund, many; what goes on is not', async () => {
    const healthy = (await saga.createOrder()).orderNo;
    const [one, second, third] = [await lostOrder(), await lostOrder(), await lostOrder()];
    expect(await done('rescue', one, '--reason', 'the build is mended')).toContain(`${one}: rescued`);
    const many = ['rescue', '--orders', `${second},${third},${healthy}`, '--reason', 'the build is mended'];
    const bulk = await paysaga(...many, '--yes');
    expect([bulk.code, bulk.out]).toEqual([1, expect.stringContaining('2 of 3 done, 1 failed.')]);
    expect(bulk.out).toMatch(new RegExp(`│ ${healthy} │ not_stalled +│`));
    for (const orderNo of [one, second, third]) await expectRunning(saga.workflow(orderNo));
    expect(await done('show', one)).toContain('the build is mended');
    const untimely = await paysaga('rescue', healthy, '--reason', 'x');
    expect([untimely.code, untimely.err]).toEqual([1, expect.stringContaining('not_stalled')]);

    const refundNo = `R-${healthy}`;
    await saga.control('PUT', '/settings', { refundDelayMs: 3_600_000 });
    await saga.gateway.pay(healthy);
    await saga.orderWhen(healthy, ({ state }) => state === 'paid');
    await done('refund', healthy, '--amount', '5', '--refund-no', refundNo, '--reason', 'late');
    await expect.poll(() => saga.refund(refundNo)).toMatchObject({ state: 'processing' });
    const rescue = ['refund', 'rescue', refundNo, '--reason', 'the build is mended'];
    expect(await paysaga(...rescue)).toMatchObject({ code: 1, err: expect.stringContaining('not_stalled') as string });
    await saga.refundWorkflow(refundNo).terminate();
    expect(await done(...rescue)).toContain(`${refundNo}: rescued`);
    await expectRunning(saga.refundWorkflow(refundNo));
    await saga.control('PUT', '/settings', { refundDelayMs: 0 });
    await saga.control('POST', `/refunds/${refundNo}/settle`, { status: 'SUCCESS' });
    await saga.orderWhen(healthy, ({ refundedFen }) => refundedFen === 500);
  });

  test('money of an order in review goes back when a person says so', async () => {
    const { orderNo } = await saga.createOrder();
    await saga.gateway.fault({ on: 'pay', kind: 'wrongAmount', totalFen: 700, outTradeNo: orderNo });
    await saga.gateway.pay(orderNo);
    await saga.orderWhen(orderNo, ({ state }) => state === 'review');
    const untimely = await paysaga('close', orderNo, '--reason', 'x');
    expect([untimely.code, untimely.err]).toEqual([1, expect.stringContaining('order_not_payable')]);
    await done('resolve', orderNo, 'return', '--reason', 'agreed with the payer');
    await saga.orderWhen(orderNo, ({ closedReason }) => closedReason === 'returned');
    expect(await done('show', `${orderNo}@return`)).toContain(orderNo);
  });

  test('a paid order is refunded, its shop told again, its notify redriven, and all of it proven and replayed', async () => {
    shop.answer(500);
    const orderNo = await paidOrder();
    const { events, attempts } = await saga.orderWhen(orderNo, (order) =>
      order.events.some(({ deliveries }) => deliveries.some(({ status }) => status === 500)),
    );
    const eventId = events.find(({ type }) => type === 'order.paid')?.id ?? '';
    shop.answer(204);
    await done('events', 'resend', eventId, '--reason', 'the shop is back');
    await saga.orderWhen(orderNo, (order) => order.events.every(({ deliveredAt }) => deliveredAt !== null));

    const refundNo = `R-${orderNo}`;
    const refund = ['refund', orderNo, '--amount', '5', '--refund-no', refundNo, '--reason', '少发一件'];
    expect(await done(...refund)).toContain('its money is held');
    expect(await done(...refund)).toContain('asked for before');
    await saga.orderWhen(orderNo, ({ refundedFen }) => refundedFen === 500);
    const undecidable = await paysaga('refund', 'resolve', refundNo, 'reissue', '--reason', 'x');
    expect([undecidable.code, undecidable.out]).toEqual([1, '']);
    expect(await done('show', attempts[0]?.transactionId ?? '')).toContain(refundNo);

    const inbox = JSON.parse(await done('inbox', '--json')) as { items: { id: string; orderNo: string }[] };
    const notify = inbox.items.find((row) => row.orderNo === orderNo)?.id ?? '';
    await done('inbox', 'redrive', notify, '--reason', 'to be sure');

    const file = join(folder, 'evidence.json');
    const summary = await done('evidence', orderNo, '--out', file);
    expect(summary).not.toContain('unreachable');
    await expectProof(orderNo, file, [`order/${saga.mchid}/${orderNo}`, `refund/${saga.mchid}/${refundNo}`]);
    expect(await done('evidence', '--verify', file)).toContain('Every part is as the manifest says');

    const replayed = await done('replay', '--workflow-id', `order/${saga.mchid}/${orderNo}`);
    expect(replayed).toMatch(/^ok /);
    const query = `WorkflowId = 'refund/${saga.mchid}/${refundNo}'`;
    await expect.poll(() => paysaga('replay', '--query', query)).toMatchObject({ code: 0 });
    const refused = await paysaga('replay', '--query', 'garbage ====');
    expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('does not understand the query')]);
  });

  type Proof = {
    readonly parts: Readonly<Record<string, unknown[]>> & {
      readonly inbox: { rawBodySha256: string; headers: Record<string, string>; serialNo: string }[];
      readonly events: { body: string; deliveries: { status: number }[] }[];
      readonly operatorActions: { action: string; reason: string }[];
      readonly histories: { workflowId: string; history: { events: unknown[] } }[];
    };
  };

  async function expectProof(orderNo: OrderNo, file: string, workflowIds: readonly string[]): Promise<void> {
    const text = await readFile(file, 'utf8');
    const { parts } = JSON.parse(text) as Proof;
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    for (const secret of [saga.operatorKey, saga.apiKey, 'weixin://', 'whsec_']) expect(text).not.toContain(secret);
    const rows = await saga.services.connection.sql<{ hash: string; body: string }[]>`
      select encode(sha256(raw_body), 'hex') as hash, convert_from(raw_body, 'UTF8') as body
      from notify_inbox where order_no = ${orderNo} order by received_at, id`;
    expect(rows.length).toBeGreaterThanOrEqual(2);
    expect(parts.inbox.map(({ rawBodySha256 }) => rawBodySha256)).toEqual(rows.map(({ hash }) => hash));
    for (const { body } of rows) expect(text).not.toContain(ciphertextOf(body));
    const signed = Object.keys(parts.inbox[0]?.headers ?? {}).map((name) => name.toLowerCase());
    expect(signed).toEqual(expect.arrayContaining(['wechatpay-signature', 'wechatpay-serial', 'wechatpay-nonce']));
    expect(parts.events.flatMap(({ deliveries }) => deliveries.map(({ status }) => status))).toEqual(
      expect.arrayContaining([500, 204]),
    );
    const actions = parts.operatorActions.map(({ action, reason }) => [action, reason]);
    expect(actions).toEqual(
      expect.arrayContaining([
        ['resend', 'the shop is back'],
        ['refund', '少发一件'],
        ['redrive', 'to be sure'],
      ]),
    );
    expect(parts.histories.map(({ workflowId }) => workflowId)).toEqual(expect.arrayContaining([...workflowIds]));
    for (const { history } of parts.histories) expect(history.events.length).toBeGreaterThan(2);
    for (const part of ['order', 'timeline', 'evidence', 'gatewayCalls', 'attempts', 'refunds'])
      expect(parts).toHaveProperty(part);
  }
});

const ciphertextOf = (body: string): string =>
  (JSON.parse(body) as { resource: { ciphertext: string } }).resource.ciphertext.slice(0, 40);

test('the command itself replays what is stored, and fails for what is not deterministic', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'paysaga-replay-'));
  const history = await readFile(join(FOLDER, 'durable-path.json'), 'utf8');
  await writeFile(join(folder, 'unchanged.json'), history);
  await writeFile(join(folder, 'changed.json'), history.replace('"name": "prepay"', '"name": "another"'));
  const { exited } = startCommand(process.execPath, ['bin/paysaga.js', 'replay', folder], stackEnvironment(folder));
  const { code, stdout, stderr } = await exited;
  expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining('2 replayed, 1 failed.') as string });
  expect(stdout).toMatch(/^FAIL .*\/changed\.json: /m);
  expect(stdout).toMatch(/^ok .*unchanged\.json$/m);
  expect(stderr).toContain('cannot go on');
  await rm(folder, { recursive: true });
});
