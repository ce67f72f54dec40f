import type { Language } from '../../base/language.js';
import { answerText } from '../rules/gateway-answer.js';
import type { OrderSnapshot, TimelineEntry, TimelineSource } from '../../timeline/rules/entry.js';
import { formatAmount } from '../../base/money.js';
import { beijingTime } from '../../base/time.js';
import { kindText } from './timeline-text.js';
import { WORDS } from './words.js';

export type Change = { readonly label: string; readonly before: string; readonly after: string };

/** One line of the timeline; a run of the same, one after the other, is one line. */
export type TimelineItem = {
  readonly at: Date;
  readonly wechatAt: Date | null;
  /** When the run began; as `at` where it happened once. */
  readonly sinceAt: Date;
  readonly count: number;
  readonly source: TimelineSource;
  readonly kind: string;
  readonly title: string;
  readonly subject: string;
  readonly outcome: string | null;
  readonly detail: string | null;
  readonly durationMs: number | null;
  readonly amountFen: number | null;
  readonly by: string | null;
  readonly reason: string | null;
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
  const { at, wechatAt, source, kind, subject, amountFen, by, durationMs, before, after, count } = entry;
  return {
    ...{ at, wechatAt, sinceAt: at, source, kind, subject, amountFen, by, durationMs },
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
  const [from, to] = [shown(before, language), shown(after, language)];
  return FIELDS.flatMap((field) => {
    const [was = NONE, is = NONE] = [from[field], to[field]];
    return was === is ? [] : [{ label: LABELS[field][language], before: was, after: is }];
  });
}

const NONE = '—';

const FIELDS = [
  'state',
  'closedReason',
  'reviewReason',
  'stuckReason',
  'fulfilment',
  'expiresAt',
  'paidFen',
  'refundingFen',
  'refundedFen',
  'returnedFen',
  'refund',
  'event',
] as const;
type Field = (typeof FIELDS)[number];

function shown(snapshot: OrderSnapshot, language: Language): Partial<Record<Field, string>> {
  const words = WORDS[language];
  const { closedReason, reviewReason, stuckReason, refund, event } = snapshot;
  return {
    state: words.state[snapshot.state],
    ...(closedReason === null ? {} : { closedReason: words.closed[closedReason] }),
    ...(reviewReason === null ? {} : { reviewReason: words.review[reviewReason] }),
    ...(stuckReason === null ? {} : { stuckReason: words.stuck[stuckReason] }),
    fulfilment: words.fulfilment[snapshot.fulfilment],
    expiresAt: beijingTime(new Date(snapshot.expiresAt)),
    paidFen: formatAmount(snapshot.paidFen),
    refundingFen: formatAmount(snapshot.refundingFen),
    refundedFen: formatAmount(snapshot.refundedFen),
    returnedFen: formatAmount(snapshot.returnedFen),
    ...(refund === null ? {} : { refund: `${refund.refundNo} ${words.refund[refund.state]}` }),
    ...(event === null ? {} : { event: words.told[event.status] }),
  };
}

const LABELS: Readonly<Record<Field, Readonly<Record<Language, string>>>> = {
  state: { zh: '状态', en: 'State' },
  closedReason: { zh: '关闭原因', en: 'Why closed' },
  reviewReason: { zh: '待处理原因', en: 'Why in review' },
  stuckReason: { zh: '卡住原因', en: 'Stuck on' },
  fulfilment: { zh: '发货', en: 'Fulfilment' },
  expiresAt: { zh: '截止', en: 'Deadline' },
  paidFen: { zh: '已收款', en: 'Paid' },
  refundingFen: { zh: '退款中', en: 'Being refunded' },
  refundedFen: { zh: '已退款', en: 'Refunded' },
  returnedFen: { zh: '其他款项已退回', en: 'Other money returned' },
  refund: { zh: '退款', en: 'Refund' },
  event: { zh: '通知店铺', en: 'Shop told' },
};
