import type { Language } from '../../base/language.js';
import { answerText } from '../rules/gateway-answer.js';
import type { OrderSnapshot, TimelineEntry } from '../../timeline/rules/entry.js';
import type { Text } from '../../actions/rules/decision.js';
import { formatAmount } from '../../base/money.js';
import { beijingTime } from '../../base/time.js';
import { kindText } from './timeline-text.js';
import { WORDS } from './words.js';

export type Change = { readonly label: string; readonly before: string; readonly after: string };

/** One line of the timeline; a run of the same, one after the other, is one line. */
export type TimelineItem = Omit<TimelineEntry, 'before' | 'after' | 'gateway' | 'count'> & {
  /** When the run began; as `at` where it happened once. */
  readonly sinceAt: Date;
  readonly count: number;
  readonly title: string;
  readonly answered: string | null;
  /** Null where no state before and after is kept. */
  readonly changes: readonly Change[] | null;
};

/** Newest first, from entries oldest first. */
export function timelineItems(entries: readonly TimelineEntry[], language: Language): TimelineItem[] {
  const items: TimelineItem[] = [];
  for (const entry of entries) {
    const last = items.at(-1);
    if (last !== undefined && isSame(last, entry)) {
      items[items.length - 1] = { ...last, at: entry.at, durationMs: entry.durationMs, count: last.count + 1 };
    } else {
      items.push(itemOf(entry, language));
    }
  }
  return items.reverse();
}

/** What a person did is never folded, and what carries its own count neither. */
const isSame = (item: TimelineItem, entry: TimelineEntry): boolean =>
  entry.source !== 'person' &&
  entry.after === null &&
  entry.count === null &&
  item.source === entry.source &&
  item.kind === entry.kind &&
  item.subject === entry.subject &&
  item.outcome === entry.outcome &&
  item.detail === shownDetail(entry) &&
  item.amountFen === entry.amountFen &&
  item.wechatAt?.getTime() === entry.wechatAt?.getTime() &&
  item.reason === shownReason(entry) &&
  item.answered === answeredText(entry);

function itemOf(entry: TimelineEntry, language: Language): TimelineItem {
  const { before, after, gateway, count, ...facts } = entry;
  const { at, kind } = facts;
  return {
    ...facts,
    sinceAt: at,
    reason: shownReason(entry),
    answered: answeredText(entry),
    count: count ?? 1,
    title: kindText(kind, language),
    // How many are left out is the count.
    outcome: kind === 'call.omitted' || kind === 'order.unstuck' ? null : entry.outcome,
    detail: shownDetail(entry),
    changes: before === null || after === null ? null : changesOf(before, after, language),
  };
}

/** A row's id tells a reader nothing, and what WeChat Pay answered is told whole. */
const shownDetail = ({ kind, detail, gateway }: TimelineEntry): string | null =>
  kind.startsWith('notify.') || gateway !== null ? null : detail;

const shownReason = ({ reason, gateway }: TimelineEntry): string | null => (gateway === null ? reason : null);

const answeredText = ({ gateway }: TimelineEntry): string | null => (gateway === null ? null : answerText(gateway));

export function changesOf(before: OrderSnapshot, after: OrderSnapshot, language: Language): Change[] {
  const words = WORDS[language];
  return SHOWN.flatMap(([label, shown]) => {
    const [was, is] = [shown(before, words) ?? NONE, shown(after, words) ?? NONE];
    return was === is ? [] : [{ label: label[language], before: was, after: is }];
  });
}

const NONE = '—';

type Shown = (snapshot: OrderSnapshot, words: (typeof WORDS)[Language]) => string | null;

/** What of a snapshot a reader is shown, in this order; null where there is nothing to show. */
const SHOWN: readonly (readonly [label: Text, shown: Shown])[] = [
  [{ zh: '状态', en: 'State' }, ({ state }, words) => words.state[state]],
  [{ zh: '关闭原因', en: 'Why closed' }, ({ closedReason }, words) => closedReason && words.closed[closedReason]],
  [{ zh: '待处理原因', en: 'Why in review' }, ({ reviewReason }, words) => reviewReason && words.review[reviewReason]],
  [{ zh: '卡住原因', en: 'Stuck on' }, ({ stuckReason }, words) => stuckReason && words.stuck[stuckReason]],
  [{ zh: '发货', en: 'Fulfilment' }, ({ fulfilment }, words) => words.fulfilment[fulfilment]],
  [{ zh: '截止', en: 'Deadline' }, ({ expiresAt }) => beijingTime(new Date(expiresAt))],
  [{ zh: '已收款', en: 'Paid' }, ({ paidFen }) => formatAmount(paidFen)],
  [{ zh: '退款中', en: 'Being refunded' }, ({ refundingFen }) => formatAmount(refundingFen)],
  [{ zh: '已退款', en: 'Refunded' }, ({ refundedFen }) => formatAmount(refundedFen)],
  [{ zh: '其他款项已退回', en: 'Other money returned' }, ({ returnedFen }) => formatAmount(returnedFen)],
  [{ zh: '退款', en: 'Refund' }, ({ refund }, words) => refund && `${refund.refundNo} ${words.refund[refund.state]}`],
  [{ zh: '通知店铺', en: 'Shop told' }, ({ event }, words) => event && words.told[event.status]],
];
