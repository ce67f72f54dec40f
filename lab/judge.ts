import { compareBooks } from '../src/entries/demo/books.js';
import { isOpen, nameOf, type World, type WorldOrder } from './world.js';

/** By the names that docs/lab.md explains. */
export type Promised =
  | 'known'
  | 'settled'
  | 'accounted'
  | 'explained'
  | 'books'
  | 'paid once'
  | 'told'
  | 'refunded once'
  | 'inbox'
  | 'no 500'
  | 'replays'
  | 'calm'
  | 'limits'
  | 'alive';

export type Violation = {
  readonly promise: Promised;
  /** `<mchid>/<orderNo>`, where it is about one. */
  readonly order?: string;
  readonly what: string;
};

export type Verdict = { readonly violations: readonly Violation[]; readonly differenceFen: number };

/** What of the promises a world breaks, the worst first. The world is one after all harm, in which everything had its time to settle. */
export function judge(world: World): Verdict {
  const { differenceFen, violations } = books(world);
  const broken = [
    ...known(world),
    ...violations,
    ...refundedOnce(world),
    ...paidOnce(world),
    ...told(world),
    ...settled(world),
    ...accounted(world),
    ...explained(world),
    ...inbox(world),
    ...world.badAnswers.map(
      ({ request, status, body }) =>
        ({ promise: 'no 500', what: `${request} was answered ${status}: ${body}` }) as const,
    ),
    ...world.replays.flatMap(({ name, problem }) =>
      problem === undefined ? [] : [{ promise: 'replays', what: `${name}: ${problem}` } as const],
    ),
    ...calm(world),
    ...world.dead.map((part) => ({ promise: 'alive', what: `${part} is dead` }) as const),
  ];
  return { violations: broken, differenceFen };
}

function known({ taken, orders }: World): Violation[] {
  const there = new Set(orders.map(nameOf));
  return taken
    .filter((name) => !there.has(name))
    .map((order) => ({ promise: 'known', order, what: 'its creation was answered, and nobody knows it' }));
}

function books({ orders, refunds, trades, theirRefunds }: World) {
  const merchants = [...new Set([...orders, ...trades, ...theirRefunds].map(({ mchid }) => mchid))];
  const compared = merchants.map((mchid) => {
    const mine = <T extends { readonly mchid: string }>(rows: readonly T[]): T[] =>
      rows.filter((row) => row.mchid === mchid);
    const theirs = { trades: mine(trades), refunds: mine(theirRefunds) };
    const known = new Set(theirs.trades.map((trade) => trade.out_trade_no));
    const attempts = mine(orders)
      .flatMap((order) => order.attempts)
      .filter((attempt) => known.has(attempt.outTradeNo) || !isUnsent(attempt));
    return { mchid, ...compareBooks(theirs, { attempts, refunds: mine(refunds) }) };
  });
  const violations = compared.flatMap(({ mchid, differing }) =>
    differing.map((number): Violation => {
      const what = `${number} differs between WeChat Pay's books and ours`;
      return { promise: 'books', ...orderOf(orders, refunds, mchid, number), what };
    }),
  );
  return { differenceFen: compared.reduce((sum, it) => sum + it.differenceFen, 0), violations };
}

/** A number that WeChat Pay need not know: no prepay of it took effect. */
const isUnsent = ({ state, paidFen }: WorldOrder['attempts'][number]): boolean =>
  paidFen === 0 && (state === 'preparing' || state === 'failed');

/** Of a number of an attempt or of a refund. */
function orderOf(
  orders: World['orders'],
  refunds: World['refunds'],
  mchid: string,
  number: string,
): Pick<Violation, 'order'> {
  const attempt = number.replace(/[*@].*$/, '');
  const found =
    orders.find(
      (it) =>
        it.mchid === mchid && it.attempts.some(({ outTradeNo }) => outTradeNo === number || outTradeNo === attempt),
    ) ?? refunds.find((it) => it.mchid === mchid && it.refundNo === number);
  return found === undefined ? {} : { order: nameOf(found) };
}

const PAID = 'order.paid';

/** One logical `order.paid`, whatever the number of its deliveries; of an order that is not paid none. */
function paidOnce({ orders, heard }: World): Violation[] {
  const accepted = heard.filter(({ type }) => type === PAID);
  return orders.flatMap((order) => {
    const sent = order.events.filter(({ type }) => type === PAID);
    const ids = new Set([...sent, ...accepted.filter(({ orderNo }) => orderNo === order.orderNo)].map(({ id }) => id));
    const wanted = order.state === 'paid' ? 1 : 0;
    if (ids.size === wanted && sent.length === wanted) return [];
    return [
      {
        promise: 'paid once',
        order: nameOf(order),
        what: `it is ${order.state}, and ${ids.size} events ${PAID} tell of it`,
      },
    ];
  });
}

/** What is marked delivered was heard, and nothing is left to tell; of what was withdrawn the shop may know or not. */
function told({ orders, heard }: World): Violation[] {
  const accepted = new Set(heard.map(({ id }) => id));
  return orders.flatMap((order) => {
    const isWithdrawn = order.events.some(({ type }) => type === 'order.compensating');
    return order.events
      .filter(({ id, type, deliveredAt }) =>
        deliveredAt === null ? !(type === PAID && isWithdrawn) : !accepted.has(id),
      )
      .map(({ id, type, deliveredAt }): Violation => {
        const what = deliveredAt === null ? 'was never delivered' : 'is marked delivered, and nobody heard it';
        return { promise: 'told', order: nameOf(order), what: `${type} ${id} ${what}` };
      });
  });
}

const HELD = ['SUCCESS', 'PROCESSING', 'ABNORMAL'];

/** No more than was paid goes back, and no end of a refund is told twice. */
function refundedOnce({ orders, refunds, trades, theirRefunds }: World): Violation[] {
  const held = theirRefunds.filter(({ status }) => HELD.includes(status));
  const tooMuch = trades.flatMap(({ mchid, out_trade_no: number, total }) => {
    const back = held
      .filter((it) => it.mchid === mchid && it.out_trade_no === number)
      .reduce((sum, it) => sum + it.refund, 0);
    return back <= total
      ? []
      : [violationOf(orderOf(orders, refunds, mchid, number), `${back} fen of ${total} go back from ${number}`)];
  });
  const twice = held
    .filter((it, index) => held.findIndex((one) => isSame(one, it)) < index)
    .map((it) =>
      violationOf(orderOf(orders, refunds, it.mchid, it.out_refund_no), `${it.out_refund_no} was made twice`),
    );
  const toldTwice = orders.flatMap((order) => {
    const succeeded = order.refunds.filter(({ state }) => state === 'succeeded').length;
    const told = order.events.filter(({ type }) => type === 'refund.succeeded').length;
    return told <= succeeded
      ? []
      : [violationOf({ order: nameOf(order) }, `${succeeded} refunds succeeded, and ${told} events tell of it`)];
  });
  return [...tooMuch, ...twice, ...toldTwice];
}

type TheirRefund = World['theirRefunds'][number];

const isSame = (a: TheirRefund, b: TheirRefund): boolean => a.mchid === b.mchid && a.out_refund_no === b.out_refund_no;

const violationOf = (order: Pick<Violation, 'order'>, what: string): Violation => ({
  promise: 'refunded once',
  ...order,
  what,
});

const WAITING = ['creating', 'awaitingPayment'];

function settled({ at, orders }: World): Violation[] {
  return orders
    .filter(({ state, expiresAt }) => WAITING.includes(state) && Date.parse(expiresAt) < at.getTime())
    .map((order) => ({
      promise: 'settled',
      order: nameOf(order),
      what: `it is ${order.state}, and its deadline was ${order.expiresAt}`,
    }));
}

function accounted({ orders, running }: World): Violation[] {
  return orders
    .filter((order) => isOpen(order) && !running.has(nameOf(order)))
    .map((order) => ({
      promise: 'accounted',
      order: nameOf(order),
      what: `it is ${order.state}, and no workflow runs for it`,
    }));
}

function explained({ orders }: World): Violation[] {
  return orders.flatMap((order) => {
    const missing = unsaidOf(order);
    return missing === undefined ? [] : [{ promise: 'explained', order: nameOf(order), what: missing }];
  });
}

function unsaidOf({ state, closedReason, reviewReason, explain }: WorldOrder): string | undefined {
  if (state === 'closed' && closedReason === null) return 'it is closed without a reason';
  if (state === 'review' && reviewReason === null) return 'it is in review without a reason';
  const { waitingFor, text } = explain;
  return [waitingFor, text.zh, text.en].every((words) => words !== '') ? undefined : 'explain has no word of it';
}

/** An order in trouble has some hundred: whatever has more asks again without a pause. */
const MOST_EVENTS = 1_000;

function calm({ replays }: World): Violation[] {
  return replays
    .filter(({ events }) => events > MOST_EVENTS)
    .map(({ name, events }) => ({ promise: 'calm', what: `the history of ${name} has ${events} events` }));
}

function inbox(world: World): Violation[] {
  return world.inbox.map(({ id, status, kind, outTradeNo }) => ({
    promise: 'inbox',
    what: `nobody was told of the ${kind} notify ${id} of ${outTradeNo ?? 'no trade'} (${status})`,
  }));
}
