import { OUT_REFUND_NO_PATTERN } from '../../base/ids.js';
import type { Both } from '../../base/language.js';

/** What closed a discrepancy without a person. `rerun`: both sides say the same on a later run, whatever changed. */
export const REPAIRS = ['order_query', 'refund_query', 'later_bill', 'rerun'] as const;
export type Repair = (typeof REPAIRS)[number];

export type ClassRule = {
  /** `unlessKnown`: not where the merchant declared the numbers (`foreign`), or where our books say the same (`reversed`). */
  readonly isDiscrepancy: 'never' | 'always' | 'unlessKnown';
  /** What may repair it, other than another bill of the same day. */
  readonly repair: Repair;
  readonly words: Both;
  /** Of those that are no discrepancy, where others of the class are. */
  readonly knownWords?: Both;
};

/** What a line of a bill, or an own payment or refund, is found to be. A subject can be of several at once. */
export const CLASS_RULES = {
  matched: { isDiscrepancy: 'never', repair: 'rerun', words: ['一致', 'Both sides agree'] },
  expected: {
    isDiscrepancy: 'never',
    repair: 'later_bill',
    words: ['等待对方账单（三天内）', 'Not in a bill yet, within three days'],
  },
  paid_not_here: {
    isDiscrepancy: 'always',
    repair: 'order_query',
    words: ['微信已收款，本地未支付', 'Paid at WeChat Pay, not here'],
  },
  foreign: {
    isDiscrepancy: 'unlessKnown',
    repair: 'rerun',
    words: ['本地没有的单号', 'A number that nobody here knows'],
    knownWords: ['已声明的其他系统', 'Of another system, as declared'],
  },
  amount: { isDiscrepancy: 'always', repair: 'rerun', words: ['支付金额不一致', 'Another amount was paid'] },
  identity: {
    isDiscrepancy: 'always',
    repair: 'rerun',
    words: ['单号、应用或交易类型不一致', 'Numbers, appid or trade type disagree'],
  },
  refund_not_here: {
    isDiscrepancy: 'always',
    repair: 'refund_query',
    words: ['微信已退款，本地没有', 'Refunded at WeChat Pay, not here'],
  },
  refund_amount: { isDiscrepancy: 'always', repair: 'rerun', words: ['退款金额不一致', 'Another amount was refunded'] },
  refund_status: {
    isDiscrepancy: 'always',
    repair: 'refund_query',
    words: ['微信退款未成功，本地不是', 'The refund failed at WeChat Pay, not here'],
  },
  missing_at_wechat: {
    isDiscrepancy: 'always',
    repair: 'later_bill',
    words: ['本地已支付，账单没有', 'Paid here, in no bill'],
  },
  refund_missing_at_wechat: {
    isDiscrepancy: 'always',
    repair: 'later_bill',
    words: ['本地已退款，账单没有', 'Refunded here, in no bill'],
  },
  reversed: {
    isDiscrepancy: 'unlessKnown',
    repair: 'order_query',
    words: ['已撤销', 'Reversed: the payer has the money back'],
    knownWords: ['已撤销，本地已知', 'Reversed, as our order knows'],
  },
  duplicate_line: { isDiscrepancy: 'always', repair: 'rerun', words: ['账单行重复', 'The line is there twice'] },
  fee: {
    isDiscrepancy: 'always',
    repair: 'rerun',
    words: ['手续费与费率不符', 'The fee does not follow from its rate'],
  },
  fund_missing: {
    isDiscrepancy: 'always',
    repair: 'later_bill',
    words: ['资金账单没有入账', 'Not booked in the fund-flow bill'],
  },
  fund_amount: { isDiscrepancy: 'always', repair: 'rerun', words: ['入账金额不一致', 'Another amount was booked'] },
  fund_foreign: {
    isDiscrepancy: 'always',
    repair: 'later_bill',
    words: ['资金账单有入账，交易账单没有', 'Booked in the account, and in no trade bill'],
  },
  balance_chain: {
    isDiscrepancy: 'always',
    repair: 'rerun',
    words: ['账户结余不连续', 'The balances of the account do not follow from one another'],
  },
} as const satisfies Record<string, ClassRule>;

export type Class = keyof typeof CLASS_RULES;

export const CLASSES = Object.keys(CLASS_RULES) as [Class, ...Class[]];

type NeverDiscrepancy = { [C in Class]: (typeof CLASS_RULES)[C]['isDiscrepancy'] extends 'never' ? C : never }[Class];
export type DiscrepancyClass = Exclude<Class, NeverDiscrepancy>;

export const isDiscrepancyClass = (name: Class): name is DiscrepancyClass =>
  CLASS_RULES[name].isDiscrepancy !== 'never';

export const DISCREPANCY_CLASSES = CLASSES.filter(isDiscrepancyClass) as [DiscrepancyClass, ...DiscrepancyClass[]];

/** The order of a fund-flow bill's lines is not promised: a broken chain is shown, and no day differs by it. */
export const WARNINGS = ['balance_chain'] as const satisfies readonly DiscrepancyClass[];

/** What a class is about: money that came, money that went back, the merchant's account. */
export const SUBJECTS = ['payment', 'refund', 'account'] as const;
export type Subject = (typeof SUBJECTS)[number];

/** An amount as it moved the merchant's money: what is given back goes out. */
export const movedFen = (subject: string, amountFen: number): number =>
  subject === 'refund' ? 0 - amountFen : amountFen;

export const DISCREPANCY_STATUSES = ['open', 'repaired', 'accepted', 'resolved'] as const;
export type DiscrepancyStatus = (typeof DISCREPANCY_STATUSES)[number];

/** What a person decided of its figures stays, whatever later runs find; what was repaired opens again when a run finds it again. */
export const DISCREPANCY_TRANSITIONS: Readonly<Record<DiscrepancyStatus, readonly DiscrepancyStatus[]>> = {
  open: ['repaired', 'accepted', 'resolved'],
  repaired: ['open'],
  accepted: [],
  resolved: [],
};

/** `accepted`: it stays as it is. `resolved`: a person put it right elsewhere. */
export type Decision = Extract<DiscrepancyStatus, 'accepted' | 'resolved'>;

/** `recheck`: WeChat Pay is asked again where {@link isAsked}, and the day runs again. */
export const DISCREPANCY_ACTIONS = ['accept', 'recheck', 'resolve'] as const;
export type DiscrepancyAction = (typeof DISCREPANCY_ACTIONS)[number];

/** Those that WeChat Pay is asked about: its answer settles them, or a person has to. */
export const ASKED_CLASSES = DISCREPANCY_CLASSES.filter((name) =>
  ['order_query', 'refund_query'].includes(CLASS_RULES[name].repair),
);

/** What a refund is asked about by: its number, which a bill may have in a form that WeChat Pay gives to none, nor takes in a query. */
export const ASKED_BY_REFUND_NO = ['refund_not_here', 'refund_status'] as const satisfies readonly DiscrepancyClass[];

type Askable = { readonly class: string; readonly orderNo: string | null; readonly outRefundNo: string | null };

/** Whether an order or refund of ours can ask WeChat Pay about it; where none can, a recheck only runs its day again. */
export const isAsked = ({ class: name, orderNo, outRefundNo }: Askable): boolean =>
  ASKED_CLASSES.some((it) => it === name) &&
  orderNo !== null &&
  (!ASKED_BY_REFUND_NO.some((it) => it === name) || REFUND_NO.test(outRefundNo ?? ''));

const REFUND_NO = new RegExp(OUT_REFUND_NO_PATTERN);
