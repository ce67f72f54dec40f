import { createHash } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createReconciliationActivities, type ReconciliationDeps } from '../../activities/reconciliation.js';
import { callOutcome } from '../../src/channels/call-outcome.js';
import { GatewayError, type BillAnswer, type BillDownload } from '../../src/channels/port.js';
import { createWorkerMetrics } from '../../src/metrics/worker.js';
import { readyAt } from '../../src/reconciliation/rules/day.js';
import { loadBills } from '../../src/reconciliation/store/bill.js';
import { openDay } from '../../src/reconciliation/store/day.js';
import { PAYMENT, tradeBill, written, type Printed } from '../channels/support/bills.js';
import { databaseOfEach } from '../db/database.js';
import { MCHID } from '../db/fixtures.js';
import { fakeGateway } from '../http/support/fake-gateway.js';
import { D, itemsOf } from '../reconciliation/books.js';

const database = databaseOfEach();
const never = () => Promise.reject(new Error('not asked for'));

const fileOf = (change: Printed) =>
  written(tradeBill([{ ...PAYMENT, 交易时间: `${D} 10:11:12`, ...change }], '1.0,11.05,0.00,0.00,0.07000,12.05,0.00'));
const FILE = fileOf({});
const OF_ANOTHER = fileOf({ 商户号: '1900000002' });
const OF_ANOTHER_DAY = fileOf({ 交易时间: '2020-01-01 10:11:12' });
const WRONG_SUM = written(
  tradeBill([{ ...PAYMENT, 交易时间: `${D} 10:11:12` }], '2.0,11.05,0.00,0.00,0.07000,12.05,0.00'),
);
const sha1 = (bytes: Uint8Array) => createHash('sha1').update(bytes).digest('hex');
const ready = (bytes: Uint8Array): BillAnswer => ({ kind: 'ready', url: 'https://bill', sha1: sha1(bytes) });
const bytes = (file: Uint8Array): BillDownload => ({ kind: 'bytes', bytes: itemsOf([file]) });
const refused = {
  kind: 'refused',
  refusal: { status: 400, code: 'PARAM_ERROR', message: 'no', detail: null },
} as const;

/** What one call of the activity counts, at noon of the day after. */
async function counted(apply: () => Promise<BillAnswer>, download: () => Promise<BillDownload> = never) {
  const registry = new Registry();
  const now = () => new Date(readyAt(D).getTime() + 2 * 3_600_000);
  const gateway = { ...fakeGateway(MCHID), applyForBill: apply, downloadBill: download };
  const deps: ReconciliationDeps = {
    ...{ db: database.db, gateways: { for: () => gateway }, merchants: { of: () => undefined }, now },
    orders: { deliverEvidence: never, recheck: never },
    refunds: { findExternal: never, recheck: never },
    events: { start: never },
    observe: createWorkerMetrics(registry, { now, outcomeLabel: callOutcome }),
  };
  const { fetchBill } = createReconciliationActivities(deps);
  const call = { mchid: MCHID, date: D, kind: 'trade', told: 'late' } as const;
  await new MockActivityEnvironment().run(() => fetchBill(call)).catch(() => undefined);
  const lines = (await registry.metrics()).split('\n');
  const of = (name: string, label: RegExp) =>
    lines.filter((line) => line.startsWith(`${name}{`)).map((line) => label.exec(line)?.slice(1).join(' ') ?? '');
  return {
    calls: of('paysaga_gateway_calls_total', /api="(\w+)",outcome="(\w+)"/),
    bills: of('paysaga_bills_fetched_total', /mchid="1900000001",kind="trade",outcome="(\w+)"} 1$/),
  };
}

test.each<[string, Parameters<typeof counted>, string[], string[]]>([
  [
    'there',
    [() => Promise.resolve(ready(FILE)), () => Promise.resolve(bytes(FILE))],
    ['bill ok', 'billFile ok'],
    ['imported'],
  ],
  [
    'another file than was announced',
    [() => Promise.resolve(ready(FILE)), () => Promise.resolve(bytes(WRONG_SUM))],
    ['bill ok', 'billFile ok'],
    ['hash'],
  ],
  [
    'not readable',
    [() => Promise.resolve(ready(Buffer.from('<html>'))), () => Promise.resolve(bytes(Buffer.from('<html>')))],
    ['bill ok', 'billFile ok'],
    ['unreadable'],
  ],
  [
    'of another merchant',
    [() => Promise.resolve(ready(OF_ANOTHER)), () => Promise.resolve(bytes(OF_ANOTHER))],
    ['bill ok', 'billFile ok'],
    ['unreadable'],
  ],
  [
    'of another day',
    [() => Promise.resolve(ready(OF_ANOTHER_DAY)), () => Promise.resolve(bytes(OF_ANOTHER_DAY))],
    ['bill ok', 'billFile ok'],
    ['unreadable'],
  ],
  [
    'not readable and not what was announced',
    [() => Promise.resolve(ready(FILE)), () => Promise.resolve(bytes(Buffer.from('<html>')))],
    ['bill ok', 'billFile ok'],
    ['hash'],
  ],
  [
    'behind an address that is used up',
    [() => Promise.resolve(ready(FILE)), () => Promise.resolve({ kind: 'expired' })],
    ['bill ok', 'billFile expired'],
    [],
  ],
  [
    'broken off at once',
    [() => Promise.resolve(ready(FILE)), () => Promise.reject(new GatewayError('unreachable'))],
    ['bill ok', 'billFile unreachable'],
    [],
  ],
  ['none', [() => Promise.resolve({ kind: 'none' })], ['bill not_found'], ['none']],
  ['being made', [() => Promise.resolve({ kind: 'creating' })], ['bill creating'], []],
  ['refused', [() => Promise.resolve(refused)], ['bill refused'], ['refused']],
  ['not answered about', [() => Promise.reject(new GatewayError('unknown'))], ['bill unknown'], []],
  ['asked for too often', [() => Promise.reject(new GatewayError('rate_limited'))], ['bill limited'], []],
])('a bill that is %s is counted by what came of its calls, and of it', async (_what, answers, calls, bills) => {
  expect(await counted(...answers)).toEqual({ calls, bills });
});

test.each<[string, Parameters<typeof counted>, string | null]>([
  [
    'contradicts itself',
    [() => Promise.resolve(ready(WRONG_SUM)), () => Promise.resolve(bytes(WRONG_SUM))],
    'count: summary 2, lines 1',
  ],
  [
    'cannot be read',
    [() => Promise.resolve(ready(Buffer.from('<html>'))), () => Promise.resolve(bytes(Buffer.from('<html>')))],
    'line 1: no_header',
  ],
  ['is another file', [() => Promise.resolve(ready(FILE)), () => Promise.resolve(bytes(Buffer.from('<html>')))], null],
  ['is refused', [() => Promise.resolve(refused)], 'PARAM_ERROR'],
  [
    'is refused in other words',
    [() => Promise.resolve({ ...refused, refusal: { ...refused.refusal, code: 'of <payer>' } })],
    'HTTP 400',
  ],
])('of a bill that %s is kept why it is not trusted', async (_what, answers, why) => {
  await openDay(database.db, { mchid: MCHID, date: D, askedBy: null, now: new Date() });
  await counted(...answers);
  const [bill] = await loadBills(database.db, { mchid: MCHID, from: D, to: D });
  expect(bill).toMatchObject({ state: 'untrusted', distrustWhy: why });
});
