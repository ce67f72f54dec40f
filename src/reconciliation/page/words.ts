import { perLanguage, type Both, type Language } from '../../base/language.js';
import type { Tone } from '../../ops/kit/pieces.js';
import type { BillKind } from '../rules/bill-line.js';
import {
  CLASS_RULES,
  type Class,
  type ClassRule,
  type DiscrepancyStatus,
  type Repair,
  type Subject,
} from '../rules/classes.js';
import { DISTRUST_WORDS } from '../rules/explain.js';
import type { BillDistrust, BillState, DateRefusal, DayState } from '../rules/day.js';

/** What a day is on the calendar: its state, or why it has none. */
export type DayMark = DayState | 'not_begun' | Exclude<DateRefusal, 'malformed'>;

/** Days, bills and discrepancies as an operator reads them. */
export const RECONCILIATION_WORDS = perLanguage({
  mark: {
    waiting: ['等待中', 'Waiting'],
    empty: ['无交易', 'No trades'],
    balanced: ['一致', 'Balanced'],
    differs: ['有差异', 'Differs'],
    failed: ['失败', 'Failed'],
    not_begun: ['未对账', 'Not begun'],
    not_ready: ['账单未出', 'No bill yet'],
    today: ['今天', 'Today'],
    future: ['未到', 'To come'],
    too_old: ['不能再对账', 'Too old'],
  } satisfies Readonly<Record<DayMark, Both>>,
  why: {
    not_begun: ['这一天还没有对过账。', 'This day was never reconciled.'],
    not_ready: [
      '微信支付在次日 10:05（北京时间）后才有这一天的账单。',
      'WeChat Pay has the bills of a day from 10:05 of the next one, Beijing time.',
    ],
    today: [
      '今天还没有结束：账单在明天 10:05（北京时间）后才有。',
      'This day is not over: its bills are there from 10:05 tomorrow, Beijing time.',
    ],
    future: ['这一天还没有到。', 'This day is to come.'],
    too_old: [
      '微信支付只保存 90 天的账单：这一天不能再对账。',
      'WeChat Pay keeps bills for 90 days: this day cannot be reconciled any more.',
    ],
  } satisfies Readonly<Record<Exclude<DayMark, DayState>, Both>>,
  bill: {
    trade: ['交易账单', 'Trade bill'],
    fundflow: ['资金账单', 'Fund-flow bill'],
  } satisfies Readonly<Record<BillKind, Both>>,
  billState: {
    waiting: ['尚未取得', 'Not fetched yet'],
    importing: ['导入中', 'Being imported'],
    imported: ['已导入', 'Imported'],
    none: ['当日无账单', 'None for this day'],
    untrusted: ['不可信', 'Not trusted'],
  } satisfies Readonly<Record<BillState, Both>>,
  subject: {
    payment: ['支付', 'Payment'],
    refund: ['退款', 'Refund'],
    account: ['账户', 'Account'],
  } satisfies Readonly<Record<Subject, Both>>,
  status: {
    open: ['未了结', 'Open'],
    repaired: ['已自动修复', 'Repaired'],
    accepted: ['已接受', 'Accepted'],
    resolved: ['已解决', 'Resolved'],
  } satisfies Readonly<Record<DiscrepancyStatus, Both>>,
  repair: {
    order_query: ['订单向微信支付查询后修复', 'its order asked WeChat Pay'],
    refund_query: ['退款向微信支付查询后修复', 'its refund asked WeChat Pay'],
    later_bill: ['在之后的账单中找到', 'a later bill has it'],
    rerun: ['再次对账时双方一致', 'both sides agreed on a later run'],
  } satisfies Readonly<Record<Repair, Both>>,
});

export const DAY_TONES: Readonly<Record<DayMark, Tone>> = {
  waiting: 'busy',
  empty: 'calm',
  balanced: 'good',
  differs: 'bad',
  failed: 'bad',
  not_begun: 'calm',
  not_ready: 'calm',
  today: 'calm',
  future: 'calm',
  too_old: 'calm',
};

export const BILL_TONES: Readonly<Record<BillState, Tone>> = {
  waiting: 'busy',
  importing: 'busy',
  imported: 'good',
  none: 'calm',
  untrusted: 'bad',
};

export const STATUS_TONES: Readonly<Record<DiscrepancyStatus, Tone>> = {
  open: 'bad',
  repaired: 'good',
  accepted: 'calm',
  resolved: 'good',
};

export function distrustWords(distrust: BillDistrust, language: Language): string {
  const [zh, en] = DISTRUST_WORDS[distrust];
  return language === 'zh' ? zh : en.charAt(0).toUpperCase() + en.slice(1);
}

/** `isDiscrepant` false: of those of the class that need nobody. */
export function classWords(name: Class, language: Language, isDiscrepant = true): string {
  const { words, knownWords = words }: ClassRule = CLASS_RULES[name];
  return (isDiscrepant ? words : knownWords)[language === 'zh' ? 0 : 1];
}
