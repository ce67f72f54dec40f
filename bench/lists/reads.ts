import { findUnfinishedActions } from '../../src/actions/store/unfinished.js';
import { MINUTE } from '../../src/base/time.js';
import { findUnfinishedBulks } from '../../src/bulk/store/bulk.js';
import type { Db } from '../../src/db/connection.js';
import { openDiscrepancies, recentDays, unfinishedDays, untoldDayEvents } from '../../src/figures/store/days.js';
import {
  openBulks,
  openRefunds,
  pendingApprovals,
  pendingEvents,
  troubledRefunds,
  unfinishedNotifies,
  waitingOrders,
} from '../../src/figures/store/waiting.js';
import { findUnsignalled } from '../../src/inbox/store/receive.js';
import { listStuckOrders, stuckTotals } from '../../src/orders/store/list.js';
import { findCreating, findLateOrders, findOverdue, findUndone } from '../../src/orders/store/sweep.js';
import { beijingDate, reconcilableSpan } from '../../src/reconciliation/rules/day.js';
import { findDaysNotBegun, findUnfinishedDays } from '../../src/reconciliation/store/day.js';
import { findLateRefunds, findRequestedRefunds } from '../../src/refunds/store/sweep.js';
import { findUndeliveredEvents } from '../../src/shop-events/store/delivery.js';
import { isSweepMissed } from '../../src/sweep/store/sweeps.js';
import type { Reader } from './ingress.js';
import { APPID, EVERY_SECONDS, MCHIDS, type World } from './world.js';

export const KINDS = ['list', 'page', 'sweep', 'metric'] as const;
export type Kind = (typeof KINDS)[number];

export type Read = (reader: Reader) => Promise<unknown>;

const [MCHID = ''] = MCHIDS;
const DAY_MS = 86_400_000;

/** All that is read of a world, by what it is of; the same rows are asked for, whatever the world's size. */
export function readsOf(world: World): Readonly<Record<Kind, Readonly<Record<string, Read>>>> {
  return { list: calls(world), page: pages(world), sweep: sweeps(world), metric: METRICS };
}

/** A paid order near the end, of the first merchant, with a refund. */
function paidOrder({ rows, now }: World): string {
  const n = Math.floor((rows * 3) / 400) * 100 + 14;
  const at = new Date(Math.floor((now.getTime() - (rows - n) * EVERY_SECONDS * 1_000) / 1_000) * 1_000);
  return beijingDate(at).replaceAll('-', '') + String(n).padStart(10, '0');
}

const span = ({ now }: World): { readonly from: string; readonly to: string } => ({
  from: new Date(now.getTime() - DAY_MS).toISOString(),
  to: new Date(now.getTime() - DAY_MS / 4).toISOString(),
});

const days = ({ now }: World, back: number) =>
  `from=${beijingDate(new Date(now.getTime() - back * DAY_MS))}&to=${beijingDate(now)}`;

const get =
  (path: string, query: Readonly<Record<string, string>>): Read =>
  ({ get: read }) =>
    read(`${path}?${new URLSearchParams(query).toString()}`);

const of = (path: string, queries: readonly Readonly<Record<string, string>>[], common = {}): Record<string, Read> =>
  Object.fromEntries(queries.map((query) => [nameOf(path, query), get(path, { ...query, ...common })]));

/** The same in both worlds, whose orders have other numbers. */
const nameOf = (path: string, query: Readonly<Record<string, string>>): string =>
  decodeURIComponent(`${path}?${new URLSearchParams(query).toString()}`)
    .replace(/\?$/, '')
    .replaceAll(/[0-9]{15,}/g, 'N');

function calls(world: World): Record<string, Read> {
  const { from, to } = span(world);
  const orderNo = paidOrder(world);
  const common = { mchid: MCHID };
  return {
    ...of(
      '/v1/orders',
      [
        ...[{}, { state: 'paid' }, { state: 'awaitingPayment' }, { state: 'review' }, { stuckReason: 'any' }],
        ...[{ stuckReason: 'gateway_unreachable' }, { state: 'paid', stuckReason: 'any' }],
        ...[
          { sort: 'stuckSince', stuckReason: 'any' },
          { sort: 'stuckSince', stuckReason: 'review' },
        ],
        ...[{ createdFrom: from, createdTo: to }, { closedReason: 'expired' }, { closedReason: 'cancelled' }],
        ...[{ product: 'h5' }, { appid: APPID }, { sort: 'paid' }, { paidFrom: from, paidTo: to }],
        ...[
          { sort: 'paid', product: 'jsapi' },
          { sort: 'paid', appid: APPID },
        ],
        ...WORDS,
      ],
      common,
    ),
    ...of('/v1/orders', [{ q: orderNo }], common),
    ...of(
      '/v1/refunds',
      [
        ...[{}, { state: 'succeeded' }, { state: 'unsettled' }, { cause: 'shop' }, { orderNo }],
        ...[{ acceptedFrom: from }, { succeededFrom: from }, { createdFrom: from, createdTo: to }],
        ...[{ q: '少一件' }, { q: '少一件', state: 'closed' }],
      ],
      common,
    ),
    ...of('/v1/events', [{}, { type: 'order.paid' }, { type: 'order.review' }, { orderNo }], common),
    ...of('/v1/inbox', [{}, { status: 'signalled' }, { status: 'unmatched' }, { status: 'verified' }], common),
    ...of('/v1/approvals', [{}, { status: 'pending' }, { status: 'approved' }], common),
    ...of('/v1/discrepancies', [{}, { status: 'open' }, { class: 'amount' }, { class: 'fee' }], common),
    ...of('/v1/bulk', [{}], common),
    ...of('/v1/search', [{ number: orderNo }, { number: `42000${orderNo}` }]),
    'order, whole': get(`/v1/orders/${orderNo}`, common),
    'timeline of an order': get(`/v1/orders/${orderNo}/timeline`, common),
    'days of a month': ({ get: read }) => read(`/v1/reconciliations?mchid=${MCHID}&${days(world, 30)}`),
    ...Object.fromEntries(
      ['day', 'product'].map((by): [string, Read] => [
        `takings of three days, by ${by}`,
        ({ get: read }) => read(`/v1/statements?mchid=${MCHID}&${days(world, 2)}&groupBy=${by}`),
      ]),
    ),
  };
}

/** A word that a seventh of all orders have; with states that many, few and none of them are in; two that no order has together. */
const WORDS = [
  ...[
    { q: '龙井' },
    { q: '龙井', state: 'paid' },
    { q: '龙井', state: 'review' },
    { q: '龙井', closedReason: 'returned' },
  ],
  ...[{ q: 'leaf 龙井' }, { q: 'nothing has it' }, { q: 'c-17' }, { q: 'leaf', amountFen: '1' }],
];

function pages(world: World): Record<string, Read> {
  const { from } = span(world);
  const orderNo = paidOrder(world);
  return {
    ...of('/ops', [{}, { mchid: MCHID }]),
    ...of('/ops/orders', [
      ...[{}, { mchid: MCHID }, { state: 'paid' }, { state: 'stuck' }, { state: 'closed.expired' }, { by: 'paid' }],
      ...[{ q: '龙井' }, { q: '龙井', state: 'stuck' }],
    ]),
    ...of('/ops/stuck', [{}, { mchid: MCHID }, { reason: 'gateway_unreachable' }, { reason: 'shop_unreachable' }]),
    ...of('/ops/refunds', [{}, { state: 'unsettled' }, { q: '少一件' }]),
    ...of('/ops/approvals', [{}, { status: 'approved' }]),
    ...of('/ops/inbox', [{}, { view: 'signalled' }, { view: 'unmatched' }]),
    ...of('/ops/bulk', [{}, { mchid: MCHID, stuckReason: 'gateway_unreachable' }]),
    ...of('/ops/search', [{ q: '龙井' }]),
    'calendar of a month': ({ get: read }) => read('/ops/reconciliation'),
    ...of('/ops/reconciliation/discrepancies', [{}, { status: 'open' }]),
    'page of an order': ({ get: read }) => read(`/ops/orders/${MCHID}/${orderNo}`),
    'takings of three days': ({ get: read }) => read(`/ops/statements?mchid=${MCHID}&${days(world, 2)}`),
    'page of the oldest stuck order': async ({ db, get: read }) => {
      const page = await listStuckOrders(db, { mchids: MCHIDS, limit: 1 });
      const order = page === 'bad_cursor' ? undefined : page.items[0];
      return order && read(`/ops/orders/${order.mchid}/${order.orderNo}`);
    },
    'orders paid since yesterday': get('/ops/orders', { by: 'paid', from: from.slice(0, 16) }),
  };
}

/** As the sweep takes them at most. */
const [BATCH, LATE] = [200, 1_000];

function sweeps({ now }: World): Record<string, Read> {
  const before = (minutes: number) => new Date(now.getTime() - minutes * MINUTE);
  const due = { dueBefore: before(5), now };
  const finds: Record<string, (db: Db) => Promise<unknown>> = {
    'orders never sent': (db) => findCreating(db, before(1), BATCH),
    'orders past their deadline': (db) => findOverdue(db, before(5), BATCH),
    'orders with something left to do': (db) => findUndone(db, before(5), BATCH),
    'orders late with their next step': (db) => findLateOrders(db, due, LATE),
    'refunds late with their next step': (db) => findLateRefunds(db, due, BATCH),
    'refunds to send': (db) => findRequestedRefunds(db, before(1), BATCH),
    'events to tell': (db) => findUndeliveredEvents(db, before(1), BATCH),
    'notifies nobody was told of': (db) => findUnsignalled(db, before(1), BATCH),
    'requests without an answer': (db) => findUnfinishedActions(db, before(1), BATCH),
    'bulks that have not ended': (db) => findUnfinishedBulks(db, before(1), BATCH),
    'days whose run has not ended': (db) => findUnfinishedDays(db, before(1), BATCH),
    'days never begun': (db) => findDaysNotBegun(db, MCHIDS, reconcilableSpan(now), BATCH),
    'whether a sweep is missed': isSweepMissed,
  };
  return Object.fromEntries(Object.entries(finds).map(([name, find]) => [name, ({ db }) => find(db)]));
}

const FIGURES = {
  waitingOrders,
  stuckTotals,
  openRefunds,
  troubledRefunds,
  pendingApprovals,
  pendingEvents,
  unfinishedNotifies,
  openBulks,
  recentDays,
  unfinishedDays,
  openDiscrepancies,
  untoldDayEvents,
} satisfies Record<string, (db: Db) => Promise<unknown>>;

/** What `/metrics` reads of Postgres, of all merchants. */
const METRICS: Readonly<Record<string, Read>> = Object.fromEntries(
  Object.entries(FIGURES).map(([name, read]): [string, Read] => [name, ({ db }) => read(db)]),
);
