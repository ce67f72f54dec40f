import { perLanguage, type Language } from '../../base/language.js';
import { codeBlocks, LAST_LINE, readableTime, tableOf } from '../../orders/rules/explain/markdown.js';
import type { DomainErrorCode } from '../../orders/rules/domain-error.js';
import type { Mchid } from '../../base/ids.js';

export const BULK_ACTIONS = ['hold', 'release', 'recheck', 'extend', 'rescue'] as const;
export type BulkAction = (typeof BULK_ACTIONS)[number];

const REFUSALS = [
  'order_not_found',
  'order_closed',
  'order_not_payable',
  'not_stalled',
  'invalid_request',
  'outcome_pending',
] as const satisfies readonly DomainErrorCode[];

type BulkRefusal = (typeof REFUSALS)[number];

/** Of one order: `done`, or the error code that the same call about this order alone would have had. */
export type BulkOutcome = 'done' | BulkRefusal;

export const isBulkRefusal = (code: DomainErrorCode): code is BulkRefusal => REFUSALS.some((it) => it === code);

/** Orders of a bulk; `done`, `failed` and `open` add up to `total`. */
export type BulkProgress = {
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  readonly open: number;
};

/** What a bulk does and how far it is, for the Temporal UI's current details: Markdown, in one language. */
export function bulkCard(
  { bulkId, mchid, action }: { readonly bulkId: string; readonly mchid: Mchid; readonly action: BulkAction },
  { total, done, failed, open }: BulkProgress,
  language: Language,
  nowMs: number,
): string {
  const words = WORDS[language];
  const rows: [string, string][] = [
    [words.total, String(total)],
    [words.done, String(done)],
    [words.failed, String(failed)],
    [words.open, String(open)],
    [words.asOf, readableTime(nowMs)],
  ];
  return [
    `### ${action} · ${done + failed} / ${total}`,
    '',
    words.actions[action],
    open === 0 ? words.over : words.goesOn,
    '',
    ...codeBlocks([`paysaga bulk ${bulkId} --mchid ${mchid}`]),
    ...tableOf(rows),
    ...LAST_LINE,
  ].join('\n');
}

const WORDS = perLanguage({
  actions: {
    hold: [
      '把每个未支付订单的截止时间推到创建后 7 天。',
      'Moves the deadline of each order that can still be paid to 7 days after its creation.',
    ],
    release: [
      '恢复每个未支付订单原来的截止时间；已经过期的立即关闭。',
      'Gives each order that can still be paid its own deadline back; what is past it is closed now.',
    ],
    recheck: [
      '就每个订单未了结的一切再次查询微信支付。',
      'Asks WeChat Pay again about everything of each order that is not settled.',
    ],
    rescue: [
      '结束每个无法继续的工作流，订单从数据库继续。',
      'Ends each workflow that cannot go on; its order goes on from Postgres.',
    ],
    extend: [
      '把每个未支付订单的截止时间改为指定的时间。',
      'Moves the deadline of each order that can still be paid to the time that was given.',
    ],
  },
  total: ['订单数', 'Orders'],
  done: ['已完成', 'Done'],
  failed: ['失败', 'Failed'],
  open: ['剩余', 'To come'],
  over: [
    '已结束。失败的订单及原因见命令行或操作页面。',
    'It is over. What failed, and why, is on the command line and the operator page.',
  ],
  goesOn: [
    '按顺序进行，每秒约 20 个；工作进程中断后从未完成的订单继续。谁、为何，见命令行或操作页面。',
    'One after the other, about 20 a second; should the worker die, another goes on with what is open. Who asked and why is on the command line and the operator page.',
  ],
  asOf: ['截至', 'As of'],
});
