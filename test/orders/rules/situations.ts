import { factsOfRow, type ExplainInput } from '../../../src/orders/rules/explain/row-facts.js';
import type { ExplainFacts } from '../../../src/orders/rules/explain/facts.js';
import { parseOutRefundNo, returnNoOf } from '../../../src/base/ids.js';
import type { EventStatus, MerchantEventRecord } from '../../../src/shop-events/rules/event.js';
import type { AttemptRecord, EvidenceRecord, OrderRecord } from '../../../src/orders/rules/record.js';
import {
  CLOSED_REASONS,
  FULFILMENT_STATES,
  isFinal,
  REVIEW_REASONS,
  type ReviewReason,
  type StuckReason,
} from '../../../src/orders/rules/states.js';
import { shownStuckReason } from '../../../src/orders/rules/trouble.js';
import type { RefundRecord } from '../../../src/refunds/rules/record.js';
import { REFUND_CAUSES, REFUND_STATES, REFUND_TROUBLES } from '../../../src/refunds/rules/states.js';
import { fen, FIRST, MCHID, must, ORDER_NO, SECOND, START_MS } from './fixtures.js';
import { aRow, openRow } from './rows.js';
import { aRefundRow } from '../../refunds/rules/fixtures.js';

export const EVENT_ID = '1651748f-c223-4892-a2ab-a4aa412192f9';
export const NOW = new Date(START_MS + 70_000);
const LATER = new Date(START_MS + 300_000);

export const PLAIN: ExplainFacts = factsOfRow({
  order: aRow({ state: 'awaitingPayment' }, [openRow]),
  lastCall: undefined,
  callCount: 0,
  evidence: [],
  events: [],
  now: new Date(START_MS),
});

const MONEY = {
  ...{ state: 'succeeded', transactionId: '42', paidFen: fen(1200), paidAt: new Date(START_MS) },
  ...{ prepayStartedAt: new Date(START_MS), codeGiven: true },
} as const satisfies Partial<AttemptRecord>;
const LESS = { ...MONEY, paidFen: fen(900) };
/** WeChat Pay shows somebody else's trade under the number. */
const FOREIGN = { state: 'failed', foreign: true, prepayStartedAt: new Date(START_MS) } as const;
const CLOSED = { state: 'closed', codeGiven: true, prepayStartedAt: new Date(START_MS) } as const;

const REFUSED_FOR_GOOD = { status: 400, code: 'AUTH_CODE_EXPIRE', message: '付款码已过期', detail: null };

/** A payer's code: not charged yet; charged with an unknown outcome, or so that the payer is asked, just now or too long ago; refused. */
const SCANNED = { product: 'codeScan' } as const;
const CHARGED = { ...SCANNED, prepayStartedAt: new Date(START_MS + 60_000), prepayUnknown: true } as const;
const TAKEN = { ...CHARGED, state: 'open', codeGiven: true, prepayUnknown: false } as const;
const CHARGES = [CHARGED, TAKEN].flatMap((charge) => [
  ...[charge, { ...charge, reversing: true }],
  { ...charge, prepayStartedAt: new Date(START_MS) },
]);
const CHARGE_REFUSED = { ...CHARGED, prepayUnknown: false, state: 'failed', refusal: REFUSED_FOR_GOOD } as const;

/** What PaySaga returns by itself has one rule, whatever the cause. */
const CAUSES = REFUND_CAUSES.filter((cause) => ['shop', 'late_payment', 'external'].includes(cause));
const POLICY = {
  latePayment: 'refund',
  fulfilment: { required: true, deadlineSeconds: 600, onDeadline: 'review' },
} as const;

type Base = Partial<OrderRecord> & { readonly of: readonly Partial<AttemptRecord>[] };

/** What the order's own workflow is stuck on, or that it cannot go on itself. */
type Own = Pick<OrderRecord, 'ownStuckReason' | 'stalledSince'>;

/** Every order that still waits: without a code, with one, with an older number being closed beside it, and each way of ending. */
const WAITING: readonly Base[] = [
  { state: 'creating', of: [{}] } as const,
  { state: 'awaitingPayment', of: [openRow] } as const,
  { state: 'awaitingPayment', of: [CLOSED] } as const,
  { state: 'awaitingPayment', of: [openRow, {}] } as const,
  { state: 'creating', of: [SCANNED] } as const,
  { state: 'awaitingPayment', of: [CHARGE_REFUSED] } as const,
  { state: 'awaitingPayment', of: [CHARGE_REFUSED, SCANNED] } as const,
  ...CHARGES.flatMap((charge) =>
    [[charge], [CHARGE_REFUSED, charge]].map((of) => ({ state: 'awaitingPayment', of }) as const),
  ),
  { state: 'creating', of: [CHARGED] } as const,
].flatMap((base) =>
  ([null, 'expired', 'cancelled'] as const).flatMap((ending) =>
    ownReasons(['merchant_config', 'gateway_unreachable', 'close_unconfirmed']).map((own) => ({
      ...base,
      ending,
      ...own,
    })),
  ),
);

const PAID: readonly Base[] = FULFILMENT_STATES.flatMap((fulfilment) =>
  [[MONEY], [MONEY, openRow]].flatMap((of) =>
    ownReasons(ownOfPaid(fulfilment)).map((own) => ({
      ...{ state: 'paid', paidAttempt: FIRST, paidFen: fen(1200), paidAt: new Date(START_MS) },
      ...{ fulfilment, of, policy: POLICY },
      ...own,
    })),
  ),
);

function ownOfPaid(fulfilment: OrderRecord['fulfilment']): readonly StuckReason[] {
  const always = ['review', 'refund_failed', 'gateway_unreachable', 'merchant_config', 'refunded_elsewhere'] as const;
  return fulfilment === 'overdue' || fulfilment === 'pending' ? [...always, 'shop_unreachable'] : always;
}

const ENDED: readonly Base[] = CLOSED_REASONS.flatMap((closedReason) => [
  ...[[CLOSED], [CLOSED, openRow]].flatMap((of) =>
    ownReasons(['review', 'gateway_unreachable']).map((own) => closedBase(closedReason, of, own)),
  ),
  ...ownReasons(['review', 'refund_failed']).map((own) => closedBase(closedReason, [MONEY], own)),
  ...(closedReason === 'rejected' ? [[FOREIGN], [CLOSED, FOREIGN]] : []).flatMap((of) =>
    ownReasons([]).map((own) => closedBase(closedReason, of, own)),
  ),
]);

function closedBase(closedReason: OrderRecord['closedReason'], of: Base['of'], own: Own): Base {
  return { state: 'closed', closedReason, closedAt: new Date(START_MS), of, ...own };
}

const OF_HELD = [[MONEY], [LESS], [LESS, openRow]];
const OF_REVIEWED: Readonly<Record<ReviewReason, readonly Base['of'][]>> = {
  ...{ amount_mismatch: OF_HELD, refunded_elsewhere: OF_HELD, late_payment: OF_HELD },
  evidence_conflict: [[openRow], [CLOSED]],
  number_in_use: [[FOREIGN], [CLOSED, FOREIGN], [openRow, FOREIGN], [MONEY, FOREIGN], [LESS, FOREIGN]],
};

const REVIEWED: readonly Base[] = REVIEW_REASONS.flatMap((reviewReason) =>
  OF_REVIEWED[reviewReason].flatMap((of) =>
    ([null, 'returned', 'cancelled'] as const).flatMap((ending) =>
      ownReasons(['review'])
        .slice(1)
        .map((own) => ({ ...({ state: 'review', reviewReason, ending, of } as const), ...own })),
    ),
  ),
);

/** None, then one of each; any order may be one that Postgres does not take, or one whose workflow cannot go on. */
function ownReasons(reasons: readonly StuckReason[]): readonly Own[] {
  const own = [null, ...reasons, 'not_written'] as const;
  return [
    ...own.map((ownStuckReason) => ({ ownStuckReason, stalledSince: null })),
    { ownStuckReason: reasons[0] ?? null, stalledSince: NOW },
  ];
}

/** Every number was refused once: that alone is no news. */
const PREPAY_REFUSED = { status: 400, code: 'PARAM_ERROR', message: '参数错误', detail: null };
const REFUSED = { status: 400, code: 'USER_ACCOUNT_ABNORMAL', message: '用户账户异常', detail: null };

const OF_SHOP = must(parseOutRefundNo('R-1'));

/** None, one of each cause and state with what may keep it from its end, or one that is held beside one that is on its way. */
const REFUNDS: readonly (readonly RefundRecord[])[] = [
  [],
  ...CAUSES.flatMap((cause) =>
    REFUND_STATES.flatMap((state) => {
      const isOpen = state === 'requested' || state === 'processing';
      const outRefundNo = cause === 'late_payment' ? returnNoOf(FIRST) : OF_SHOP;
      const succeededAt = state === 'succeeded' ? NOW : null;
      const gateway = state === 'rejected' ? REFUSED : null;
      const refund = aRefundRow({ outRefundNo, cause, state, succeededAt, gateway, amountFen: fen(400) });
      return [refund, ...(isOpen ? REFUND_TROUBLES.map((trouble) => ({ ...refund, trouble })) : [])].map((it) => [it]);
    }),
  ),
  [
    aRefundRow({ trouble: 'merchant_balance', amountFen: fen(400) }),
    aRefundRow({ outRefundNo: OF_SHOP, cause: 'shop', state: 'processing', amountFen: fen(300) }),
  ],
];

const event = (status: EventStatus, nextAt: Date | null): MerchantEventRecord => ({
  ...{ id: EVENT_ID, mchid: MCHID, orderNo: ORDER_NO, outRefundNo: null, date: null, subject: null },
  type: 'order.paid',
  ...{
    status,
    tries: status === 'pending' && nextAt === null ? 0 : 1,
    createdAt: NOW,
    deliveredAt: status === 'delivered' ? NOW : null,
    nextAt,
    deliveries: [],
  },
});

const EVENTS: readonly Pick<ExplainInput, 'events' | 'hasEndpoint'>[] = [
  { events: [] },
  { events: [event('delivered', null)] },
  { events: [event('pending', null)] },
  { events: [event('pending', LATER)] },
  { events: [event('exhausted', null)] },
  { events: [event('pending', null)], hasEndpoint: false },
  { events: [event('unaddressed', null)], hasEndpoint: false },
];

/** A call that fails and will be made again, and what somebody asked for meanwhile. */
const failing = {
  api: 'query',
  outTradeNo: FIRST,
  at: NOW,
  outcome: 'unreachable',
  gateway: null,
  nextAt: LATER,
} as const;
const LIMITED = {
  ...failing,
  outcome: 'FREQUENCY_LIMITED',
  gateway: { status: 429, code: 'FREQUENCY_LIMITED', message: '频率超限', detail: null },
};
const PAGE_503 = { status: 503, code: null, message: '', detail: null };
const ASKED: readonly Pick<ExplainInput, 'lastCall' | 'callCount' | 'asked' | 'quiet'>[] = [
  { lastCall: undefined, callCount: 0, asked: [] },
  { lastCall: failing, callCount: 3, asked: [{ action: 'close', at: NOW }] },
  { lastCall: failing, callCount: 3, asked: [{ action: 'fulfilment', at: NOW }] },
  { lastCall: LIMITED, callCount: 3, asked: [{ action: 'hold', at: NOW }], quiet: [{ api: 'close', until: LATER }] },
  { lastCall: { ...failing, outcome: 'unknown', gateway: PAGE_503 }, callCount: 3, asked: [] },
  { lastCall: { ...failing, outcome: 'unknown', gateway: { ...PAGE_503, status: 200 } }, callCount: 3, asked: [] },
];

/** A query's word on money that is not as it was ordered; or a notify's, which no query has confirmed. */
const NUMBERS = [FIRST, SECOND];
const evidenceOf = (base: Base, isClaimed: boolean): readonly EvidenceRecord[] => {
  const said = { mchid: MCHID, appid: 'wx-other', tradeType: 'NATIVE', currency: 'CNY', at: NOW } as const;
  const fact = {
    id: '1',
    source: 'query',
    outTradeNo: FIRST,
    transactionId: '42',
    amountFen: fen(900),
    ...said,
  } as const;
  const [outTradeNo] = NUMBERS.slice(0, base.of.length)
    .filter((_, index) => base.of[index] !== FOREIGN)
    .toReversed();
  const claim = { ...fact, source: 'notify', transactionId: '43', amountFen: fen(700) } as const;
  const theirs = { ...fact, transactionId: '44', amountFen: fen(777) };
  return [
    ...(base.of[0] === LESS ? [fact] : []),
    ...NUMBERS.filter((_, index) => base.of[index] === FOREIGN).map((it) => ({ ...theirs, outTradeNo: it })),
    ...(isClaimed && outTradeNo !== undefined ? [{ ...claim, outTradeNo }] : []),
  ];
};

function input(
  base: Base,
  refunds: readonly RefundRecord[],
  { isClaimed, ...rest }: Omit<ExplainInput, 'order' | 'evidence' | 'now'> & { readonly isClaimed: boolean },
): ExplainInput {
  const { of, ...order } = base;
  const back = (state: readonly string[]) =>
    fen(refunds.filter((it) => state.includes(it.state)).reduce((sum, it) => sum + it.amountFen, 0));
  const sums = { refundingFen: back(['requested', 'processing', 'abnormal']), refundedFen: back(['succeeded']) };
  const attempts = of.map((attempt, index) => ({
    ...attempt,
    gateway: PREPAY_REFUSED,
    ...(index === 0 && attempt.state === 'succeeded' ? sums : {}),
  }));
  const isUnreachable = rest.events.some(({ status }) => status === 'exhausted');
  const isStalled = order.stalledSince != null;
  const stuckReason = shownStuckReason(order.ownStuckReason ?? null, refunds, isUnreachable, isStalled);
  const [paidEvent] = rest.events;
  const row = aRow(
    {
      ...order,
      refunds,
      // Of an order that is over, evidence in doubt is work that its workflow has.
      dueAt: isClaimed && isFinal(order.state ?? 'creating') ? NOW : null,
      stuckReason,
      stuckSince: stuckReason === null ? null : NOW,
      paidEvent: paidEvent === undefined ? null : { status: paidEvent.status, deliveredAt: paidEvent.deliveredAt },
    },
    attempts,
  );
  return { order: row, ...rest, evidence: evidenceOf(base, isClaimed), now: NOW };
}

const oneOf = (n: number): typeof ASKED_AND_CLAIMED =>
  ASKED_AND_CLAIMED.slice(n % ASKED_AND_CLAIMED.length).slice(0, 1);
const ASKED_AND_CLAIMED = ASKED.flatMap((asked) => [[asked, false] as const, [asked, true] as const]);

/**
 * Every order that may be, with everything that may be pending about it at once: each refund with each event, and what was asked
 * with each of both.
 */
export function* inputs(): Generator<ExplainInput> {
  for (const base of [...WAITING, ...PAID, ...ENDED, ...REVIEWED]) {
    const hasMoney = base.of.some(({ state }) => state === 'succeeded');
    const isTold = base.state === 'paid' || base.state === 'closed' || base.state === 'review';
    for (const [nth, refunds] of (hasMoney ? REFUNDS : [[]]).entries())
      for (const [mth, told] of (isTold ? EVENTS : EVENTS.slice(0, 1)).entries())
        for (const [asked, isClaimed] of hasMoney ? oneOf(nth + mth) : ASKED_AND_CLAIMED)
          yield input(base, refunds, { ...asked, ...told, isClaimed });
  }
}

const asked = (command: string): string => `paysaga ${command} --mchid ${MCHID} --reason ''`;

/** Every command that any card of these names, which takes a while to find out: the walk over all of them does. */
export const CARD_COMMANDS: readonly string[] = [
  asked(`close ${ORDER_NO}`),
  'paysaga doctor',
  asked(`events resend ${EVENT_ID}`),
  asked(`hold ${ORDER_NO}`),
  asked(`recheck ${ORDER_NO}`),
  asked(`refund external ${ORDER_NO} '<out_refund_no>'`),
  asked(`refund external ${ORDER_NO} '${OF_SHOP}'`),
  asked(`refund external ${ORDER_NO} '${returnNoOf(FIRST)}'`),
  asked(`refund resolve '${returnNoOf(FIRST)}' abnormalRefund`),
  asked(`refund resolve '${returnNoOf(FIRST)}' paidOffline`),
  asked(`refund resolve '${returnNoOf(FIRST)}' reissue`),
  asked(`refund resolve '${OF_SHOP}' abnormalRefund`),
  asked(`refund resolve '${OF_SHOP}' paidOffline`),
  asked(`rescue ${ORDER_NO}`),
  asked(`resolve ${ORDER_NO} accept`),
  asked(`resolve ${ORDER_NO} close`),
  asked(`resolve ${ORDER_NO} return`),
  `paysaga show ${ORDER_NO} --mchid ${MCHID}`,
];

/** What any of these orders waits for that is not stuck. */
export const CARD_WAITS: readonly string[] = [
  'charge',
  'charge_known',
  'close_confirmed',
  'fulfilment',
  'new_attempt',
  'nothing',
  'other_payment_confirmed',
  'payment',
  'payer_password',
  'payment_confirmed',
  'prepay',
  'refund',
  'request_answered',
  'reverse_confirmed',
  'shop_refund',
  'shop_told',
];
