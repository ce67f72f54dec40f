import { perLanguage, type Language } from '../../base/language.js';
import type { Mchid } from '../../base/ids.js';
import { codeBlocks, LAST_LINE, readableTime, tableOf } from '../../orders/rules/explain/markdown.js';
import type { BillKind } from './bill-line.js';
import type { BillDate, DayState } from './day.js';

export type DayProgress =
  /** `isLate`: it could not be had for hours. */
  | { readonly step: BillKind; readonly isLate: boolean }
  | { readonly step: 'match' }
  | { readonly step: 'repair' | 'done'; readonly found: Found };

type Found = { readonly state: DayState; readonly open: number; readonly repairable: number };

/** What a day's run does and how far it is, for the Temporal UI's current details: Markdown, in one language. */
export function dayCard(
  { mchid, date }: { readonly mchid: Mchid; readonly date: BillDate },
  progress: DayProgress,
  language: Language,
  nowMs: number,
): string {
  const words = WORDS[language];
  const found = 'found' in progress ? progress.found : null;
  const late = 'isLate' in progress && progress.isLate ? words.late : null;
  return [
    `### ${mchid} · ${date}`,
    '',
    words.steps[progress.step],
    ...(late === null ? [] : ['', late]),
    '',
    ...codeBlocks([`paysaga reconcile ${date} --mchid ${mchid}`, `paysaga discrepancies --mchid ${mchid}`]),
    ...tableOf([
      [words.state, found === null ? null : words.states[found.state]],
      [words.open, found === null ? null : String(found.open)],
      [words.repairable, found === null ? null : String(found.repairable)],
      [words.asOf, readableTime(nowMs)],
    ]),
    ...LAST_LINE,
  ].join('\n');
}

const WORDS = perLanguage({
  steps: {
    trade: [
      '等待交易账单：微信支付在次日 10 点后提供；生成中时每 30 分钟再问。',
      'Waits for the trade bill: WeChat Pay has it from 10:00 of the next day; while it is being made it is asked for every 30 minutes.',
    ],
    fundflow: ['等待资金账单，规则相同。', 'Waits for the fund-flow bill, by the same rule.'],
    match: ['正在与本地账目逐笔核对。', 'Matches the bills with our books, line by line.'],
    repair: [
      '订单和退款正就差异查询微信支付，之后再次核对。',
      'Orders and refunds ask WeChat Pay about what differs; then it is matched again.',
    ],
    done: ['核对结束。', 'The day is done.'],
  },
  states: {
    waiting: ['等待中', 'waiting'],
    empty: ['无交易', 'empty'],
    balanced: ['一致', 'balanced'],
    differs: ['有差异', 'differs'],
    failed: ['失败', 'failed'],
  },
  late: ['已超过三小时仍未取得。', 'For more than three hours it could not be had.'],
  state: ['结果', 'State'],
  open: ['未了结的差异', 'Open discrepancies'],
  repairable: ['其中可由查询解决', 'Of these a query may settle'],
  asOf: ['截至', 'As of'],
});
