import { describe, expect, test } from 'vitest';
import { judgeBacklog } from '../../lab/backlog.js';
import { judge, type Promised } from '../../lab/judge.js';
import type { World, WorldOrder } from '../../lab/world.js';

const MCHID = '1900000001';
const said = { waitingFor: 'nothing', actor: 'nobody', text: { zh: '已支付', en: 'paid' } };

const paid: WorldOrder = {
  orderNo: 'lab-paid',
  mchid: MCHID,
  state: 'paid',
  closedReason: null,
  reviewReason: null,
  stuckReason: null,
  fulfilment: 'none',
  createdAt: '2026-11-29T10:00:00.000Z',
  expiresAt: '2026-11-29T10:01:00.000Z',
  attempts: [{ outTradeNo: 'lab-paid', state: 'succeeded', paidFen: 500 }],
  refunds: [{ refundNo: 'lab-paid-1', state: 'succeeded' }],
  events: [
    { id: 'evt-paid', type: 'order.paid', deliveredAt: '2026-11-29T10:00:30.000Z' },
    { id: 'evt-back', type: 'refund.succeeded', deliveredAt: '2026-11-29T10:00:40.000Z' },
  ],
  explain: said,
};

const closed: WorldOrder = {
  ...paid,
  orderNo: 'lab-closed',
  state: 'closed',
  closedReason: 'expired',
  attempts: [{ outTradeNo: 'lab-closed', state: 'closed', paidFen: 0 }],
  refunds: [],
  events: [{ id: 'evt-closed', type: 'order.closed', deliveredAt: '2026-11-29T10:02:00.000Z' }],
};

/** A live one, whose deadline is still to come. */
const waiting: WorldOrder = {
  ...closed,
  orderNo: 'lab-waiting',
  state: 'awaitingPayment',
  closedReason: null,
  expiresAt: '2026-11-29T12:00:00.000Z',
  attempts: [{ outTradeNo: 'lab-waiting', state: 'open', paidFen: 0 }],
  events: [],
};

const trade = (number: string, state: string, total: number) => ({
  mchid: MCHID,
  out_trade_no: number,
  trade_state: state,
  total,
});

const theirs = {
  mchid: MCHID,
  out_trade_no: 'lab-paid',
  out_refund_no: 'lab-paid-1',
  refund: 300,
  status: 'SUCCESS',
};

const heard = (id: string, type: string, orderNo: string) => ({ id, type, orderNo, version: 1, tries: 1 });

/** A world in which every promise was kept. */
const kept: World = {
  at: new Date('2026-11-29T11:00:00.000Z'),
  taken: [`${MCHID}/lab-paid`, `${MCHID}/lab-closed`, `${MCHID}/lab-waiting`],
  orders: [paid, closed, waiting],
  refunds: [
    {
      ...{ refundNo: 'lab-paid-1', orderNo: 'lab-paid', mchid: MCHID, outTradeNo: 'lab-paid' },
      ...{ amountFen: 300, state: 'succeeded', offline: false },
    },
  ],
  inbox: [],
  trades: [trade('lab-paid', 'REFUND', 500), trade('lab-closed', 'CLOSED', 700), trade('lab-waiting', 'NOTPAY', 900)],
  theirRefunds: [theirs],
  heard: [
    heard('evt-paid', 'order.paid', 'lab-paid'),
    heard('evt-back', 'refund.succeeded', 'lab-paid'),
    heard('evt-closed', 'order.closed', 'lab-closed'),
  ],
  badAnswers: [],
  running: new Set([`${MCHID}/lab-waiting`]),
  replays: [{ name: 'order/lab-paid', problem: undefined, events: 18 }],
  deaths: [],
  dead: [],
};

type Doctored = {
  readonly name: string;
  readonly promise: Promised;
  /** `undefined`: it is about none. */
  readonly order: string | undefined;
  readonly world: Partial<World>;
  readonly differenceFen?: number;
};

const withOrder = (order: WorldOrder): Partial<World> => ({
  orders: kept.orders.map((it) => (it.orderNo === order.orderNo ? order : it)),
});

const twiceTold = [...paid.events, { id: 'evt-paid-2', type: 'order.paid', deliveredAt: '2026-11-29T10:00:31.000Z' }];

const WORLDS: readonly Doctored[] = [
  {
    ...{ name: 'an order that was taken and is gone', promise: 'known', order: 'lab-gone' },
    world: { taken: [...kept.taken, `${MCHID}/lab-gone`] },
  },
  {
    ...{
      name: 'money at WeChat Pay that PaySaga does not know',
      promise: 'books',
      order: 'lab-closed',
      differenceFen: 700,
    },
    world: {
      trades: kept.trades.map((it) => (it.out_trade_no === 'lab-closed' ? { ...it, trade_state: 'SUCCESS' } : it)),
    },
  },
  {
    ...{ name: 'money that only PaySaga knows', promise: 'books', order: 'lab-closed', differenceFen: 1 },
    world: withOrder({ ...closed, attempts: [{ outTradeNo: 'lab-closed', state: 'succeeded', paidFen: 1 }] }),
  },
  {
    ...{ name: 'a refund that PaySaga does not know', promise: 'books', order: 'lab-paid', differenceFen: 100 },
    world: { theirRefunds: [theirs, { ...theirs, out_refund_no: 'lab-paid@return', refund: 100 }] },
  },
  {
    ...{ name: 'a refund whose end PaySaga does not know', promise: 'books', order: 'lab-paid', differenceFen: 300 },
    world: { refunds: kept.refunds.map((it) => ({ ...it, state: 'processing' })) },
  },
  {
    ...{ name: 'a trade of which there is no attempt', promise: 'books', order: undefined, differenceFen: 0 },
    world: { trades: [...kept.trades, trade('lab-nobody', 'NOTPAY', 5)] },
  },
  {
    ...{ name: 'a second order.paid', promise: 'paid once', order: 'lab-paid' },
    world: {
      ...withOrder({ ...paid, events: twiceTold }),
      heard: [...kept.heard, heard('evt-paid-2', 'order.paid', 'lab-paid')],
    },
  },
  {
    ...{ name: 'a second order.paid that only the shop has seen', promise: 'paid once', order: 'lab-paid' },
    world: { heard: [...kept.heard, heard('evt-other', 'order.paid', 'lab-paid')] },
  },
  {
    ...{ name: 'an order.paid of an order that is not', promise: 'paid once', order: 'lab-closed' },
    world: { heard: [...kept.heard, heard('evt-other', 'order.paid', 'lab-closed')] },
  },
  {
    ...{ name: 'a paid order without its event', promise: 'paid once', order: 'lab-paid' },
    world: withOrder({ ...paid, events: paid.events.filter(({ type }) => type !== 'order.paid') }),
  },
  {
    ...{ name: 'an event that the shop never got', promise: 'told', order: 'lab-closed' },
    world: withOrder({ ...closed, events: closed.events.map((event) => ({ ...event, deliveredAt: null })) }),
  },
  {
    ...{ name: 'an event marked delivered that nobody heard', promise: 'told', order: 'lab-closed' },
    world: { heard: kept.heard.filter(({ id }) => id !== 'evt-closed') },
  },
  {
    ...{ name: 'more back than was paid', promise: 'refunded once', order: 'lab-paid', differenceFen: 201 },
    world: { theirRefunds: [{ ...theirs, refund: 501 }] },
  },
  {
    ...{ name: 'a refund made twice', promise: 'refunded once', order: 'lab-paid' },
    world: { theirRefunds: [{ ...theirs, refund: 300 }, theirs], trades: kept.trades },
  },
  {
    ...{ name: 'a refund told twice', promise: 'refunded once', order: 'lab-paid' },
    world: {
      ...withOrder({
        ...paid,
        events: [...paid.events, { ...paid.events[1], id: 'evt-again' } as (typeof paid.events)[number]],
      }),
      heard: [...kept.heard, heard('evt-again', 'refund.succeeded', 'lab-paid')],
    },
  },
  {
    ...{ name: 'an order that waits past its deadline', promise: 'settled', order: 'lab-waiting' },
    world: { at: new Date('2026-11-29T12:00:01.000Z') },
  },
  {
    ...{ name: 'an order that waits and has no workflow', promise: 'accounted', order: 'lab-waiting' },
    world: { running: new Set() },
  },
  {
    ...{ name: 'an order in review without a reason', promise: 'explained', order: 'lab-waiting' },
    world: withOrder({ ...waiting, state: 'review' }),
  },
  {
    ...{ name: 'an order closed without a reason', promise: 'explained', order: 'lab-closed' },
    world: withOrder({ ...closed, closedReason: null }),
  },
  {
    ...{ name: 'an order that explain has no word of', promise: 'explained', order: 'lab-waiting' },
    world: withOrder({ ...waiting, explain: { ...said, text: { zh: '', en: 'it waits' } } }),
  },
  {
    ...{ name: 'a notify that nobody was told of', promise: 'inbox', order: undefined },
    world: { inbox: [{ id: '7', mchid: MCHID, status: 'verified', kind: 'payment', outTradeNo: 'lab-paid' }] },
  },
  {
    ...{ name: 'a 500', promise: 'no 500', order: undefined },
    world: { badAnswers: [{ request: 'POST /v1/orders', status: 500, body: '{}' }] },
  },
  {
    ...{ name: 'a history that this build cannot go on with', promise: 'replays', order: undefined },
    world: { replays: [{ name: 'order/lab-paid', problem: 'NonDeterminismError', events: 18 }] },
  },
  {
    ...{ name: 'a workflow that asks without a pause', promise: 'calm', order: undefined },
    world: { replays: [{ name: 'order/lab-paid', problem: undefined, events: 3_108 }] },
  },
  {
    ...{ name: 'a process that is dead', promise: 'alive', order: undefined },
    world: { dead: ['worker 2'] },
  },
];

describe('the judge', () => {
  test('finds nothing where every promise was kept, also where a process died and came back', () => {
    expect(judge(kept)).toEqual({ violations: [], differenceFen: 0 });
    expect(judge({ ...kept, deaths: [{ part: 'worker 1', how: 'SIGABRT' }] }).violations).toEqual([]);
  });

  test('misses no trade of a number that never reached WeChat Pay', () => {
    const unsent = { ...closed, attempts: [{ outTradeNo: 'lab-closed', state: 'failed', paidFen: 0 }] };
    const trades = kept.trades.filter((it) => it.out_trade_no !== 'lab-closed');
    expect(judge({ ...kept, ...withOrder(unsent), trades })).toEqual({ violations: [], differenceFen: 0 });
    expect(judge({ ...kept, trades }).violations).toEqual([
      expect.objectContaining({ promise: 'books', order: `${MCHID}/lab-closed` }),
    ]);
  });

  test.for(WORLDS)('finds $name', ({ promise, order, world, differenceFen }) => {
    const verdict = judge({ ...kept, ...world });
    const named = order === undefined ? {} : { order: `${MCHID}/${order}` };
    expect(verdict.violations).toContainEqual(expect.objectContaining({ promise, ...named }));
    if (differenceFen !== undefined) expect(verdict.differenceFen).toBe(differenceFen);
  });

  test('breaks every promise that it knows at least once', () => {
    const broken = new Set(WORLDS.map(({ promise }) => promise));
    expect([...broken].toSorted()).toEqual([...ALL].toSorted());
  });

  test('finds an order.paid that was withdrawn before the shop was told no violation', () => {
    const events = [
      { id: 'evt-paid', type: 'order.paid', deliveredAt: null },
      { id: 'evt-comp', type: 'order.compensating', deliveredAt: '2026-11-29T10:00:35.000Z' },
      { id: 'evt-back', type: 'refund.succeeded', deliveredAt: '2026-11-29T10:00:40.000Z' },
    ];
    const told = [
      ...kept.heard.filter(({ id }) => id !== 'evt-paid'),
      heard('evt-comp', 'order.compensating', 'lab-paid'),
    ];
    expect(judge({ ...kept, ...withOrder({ ...paid, events }), heard: told }).violations).toEqual([]);
  });
});

describe('the judge of a backlog', () => {
  const past = {
    placed: [
      { orderNo: 'lab-paid', fate: 'paidUnheard' },
      { orderNo: 'lab-closed', fate: 'unpaid' },
    ],
    settledMs: 1,
    calls: { query: { count: 4, refusedByLimit: 0 } },
  } as const;

  test('finds nothing where every order ended as it had to, within the limits', () => {
    expect(judgeBacklog(past, kept)).toEqual([]);
  });

  test('finds a call that was one too many', () => {
    const violations = judgeBacklog({ ...past, calls: { query: { count: 4, refusedByLimit: 1 } } }, kept);
    expect(violations).toEqual([{ promise: 'limits', what: '1 of 4 calls of query were too many' }]);
  });

  test.each([
    { ...closed, state: 'review' },
    { ...closed, state: 'paid' },
    { ...closed, stuckReason: 'close_unconfirmed' },
  ])('finds an order that did not end as it had to, or waits for a person', (order) => {
    const orders = [paid, order];
    expect(judgeBacklog(past, { orders })).toEqual([
      expect.objectContaining({ promise: 'settled', order: `${MCHID}/lab-closed` }),
    ]);
  });
});

/** `limits` is a backlog's alone. */
const ALL = [
  ...['known', 'settled', 'accounted', 'explained', 'books', 'paid once', 'told'],
  ...['refunded once', 'inbox', 'no 500', 'replays', 'calm', 'alive'],
];
