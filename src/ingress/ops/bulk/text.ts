import type { Language } from '../../../base/language.js';
import type { BulkFieldError } from './entered.js';

export type BulkTexts = {
  readonly title: string;
  readonly lead: string;
  readonly merchant: string;
  readonly action: string;
  readonly filter: string;
  readonly filterHint: string;
  readonly state: string;
  readonly stuckReason: string;
  readonly any: string;
  readonly anyStuck: string;
  readonly createdFrom: string;
  readonly createdTo: string;
  readonly orderNos: string;
  readonly orderNosHint: string;
  readonly until: string;
  readonly untilHint: string;
  readonly reason: string;
  readonly reasonHint: string;
  readonly dryRun: string;
  readonly dryRunTitle: string;
  readonly count: string;
  readonly sum: string;
  readonly nothingFound: string;
  readonly named: (found: number, named: number) => string;
  readonly sample: (shown: number) => string;
  readonly orderNo: string;
  readonly amount: string;
  readonly deadline: string;
  readonly does: Readonly<Record<'hold' | 'release' | 'recheck' | 'rescue', string>>;
  readonly extends: (until: string) => string;
  readonly settled: string;
  readonly confirm: (count: number, sum: string) => string;
  readonly run: string;
  readonly change: string;
  readonly progress: string;
  readonly running: string;
  readonly finished: string;
  readonly done: string;
  readonly failed: string;
  readonly left: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly by: string;
  readonly failures: string;
  readonly firstOnly: (shown: number) => string;
  readonly why: string;
  readonly latest: string;
  readonly none: string;
  readonly again: string;
  readonly refreshes: string;
  readonly fields: Readonly<Record<BulkFieldError, string>>;
};

const zh: BulkTexts = {
  title: '批量操作',
  lead: '先试算：看清有多少订单、多少钱，再执行。执行按每秒约 20 个订单进行，每个订单都会记录您的名字和原因。',
  merchant: '商户号',
  action: '操作',
  filter: '选择订单',
  filterHint: '填写的条件须同时满足；什么都不填就是全部订单。',
  state: '状态',
  stuckReason: '卡住原因',
  any: '不限',
  anyStuck: '任何原因',
  createdFrom: '创建时间从（北京时间，含）',
  createdTo: '到（北京时间，不含）',
  orderNos: '订单号',
  orderNosHint: '用换行、空格或逗号分隔，最多 1000 个。',
  until: '新的截止时间（北京时间）',
  untilHint: '只用于“移动截止时间”；最多 7 天之内。',
  reason: '原因',
  reasonHint: '必填，最多 500 字节（约 160 个汉字），永久保存。',
  dryRun: '试算',
  dryRunTitle: '试算结果',
  count: '订单数',
  sum: '订单金额合计',
  nothingFound: '没有符合条件的订单，什么都不会发生。请修改条件。',
  named: (found, named) => `您填写了 ${named} 个订单号，找到 ${found} 个；找不到的会列为失败。`,
  sample: (shown) => `其中最早的 ${shown} 个`,
  orderNo: '订单号',
  amount: '金额',
  deadline: '截止',
  does: {
    hold: '截止时间移到最晚（创建后 7 天）。不会动用任何款项。',
    release: '截止时间恢复到创建时设定的时间；已经过了的马上开始关闭。',
    rescue: '结束无法继续的运行，订单从数据库继续。',
    recheck: '再次向微信支付询问所有未定的款项。',
  },
  extends: (until) => `截止时间移到 ${until}（北京时间）。不会动用任何款项。`,
  settled: '确认时会固定订单清单；之后新符合条件的订单不在其中。',
  confirm: (count, sum) => `我确认对 ${count} 个订单（合计 ${sum}）这样做。`,
  run: '执行',
  change: '修改条件',
  progress: '进度',
  running: '正在执行',
  finished: '已完成',
  done: '成功',
  failed: '失败',
  left: '剩余',
  startedAt: '开始',
  finishedAt: '结束',
  by: '操作人',
  failures: '失败的订单',
  firstOnly: (shown) => `只列出前 ${shown} 个。`,
  why: '原因',
  latest: '最近的批量操作',
  none: '还没有批量操作。',
  again: '再做一次批量操作',
  refreshes: '本页每 2 秒自动刷新，直到完成；可以离开，执行不会停止。',
  fields: {
    merchant_unknown: '请选择商户。',
    action_unknown: '请选择操作。',
    filter_unknown: '请从列表中选择。',
    time_invalid: '请输入有效的时间。',
    range_empty: '结束时间须晚于开始时间。',
    numbers_invalid: '最多 1000 个订单号，每个最多 64 个字符。',
    until_required: '请输入新的截止时间：将来 7 天之内。',
    until_unwanted: '只有“移动截止时间”需要填写。',
    reason_required: '请写明原因。',
    reason_invalid: '原因太长，或含有不可显示的字符。',
    confirm_required: '请勾选确认。',
  },
};

const en: BulkTexts = {
  title: 'Bulk',
  lead: 'First a dry run: how many orders and how much money. It is then done at about 20 orders a second, each with your name and reason.',
  merchant: 'Merchant',
  action: 'Action',
  filter: 'Which orders',
  filterHint: 'All that is given must be true; nothing given means every order.',
  state: 'State',
  stuckReason: 'Stuck on',
  any: 'any',
  anyStuck: 'anything',
  createdFrom: 'Created from (Beijing time, inclusive)',
  createdTo: 'to (Beijing time, exclusive)',
  orderNos: 'Order numbers',
  orderNosHint: 'Separated by lines, spaces or commas; at most 1,000.',
  until: 'New deadline (Beijing time)',
  untilHint: 'Only for "Move the deadline"; within 7 days from now.',
  reason: 'Reason',
  reasonHint: 'Required, at most 500 bytes. Kept for good.',
  dryRun: 'Dry run',
  dryRunTitle: 'Dry run',
  count: 'Orders',
  sum: 'Sum of their amounts',
  nothingFound: 'No order fits, so nothing would happen. Change what you look for.',
  named: (found, named) =>
    `You named ${named} numbers, ${found} orders were found; numbers without an order are listed as failed.`,
  sample: (shown) => `The oldest ${shown}`,
  orderNo: 'Order',
  amount: 'Amount',
  deadline: 'Deadline',
  does: {
    hold: 'The deadline moves to its latest, 7 days after creation. This moves no money.',
    release: 'The deadline goes back to where the order was created with; one that has passed begins to close at once.',
    rescue: 'Runs that cannot go on are ended, and their orders go on from Postgres.',
    recheck: 'WeChat Pay is asked again about all money that is not settled.',
  },
  extends: (until) => `The deadline moves to ${until} (Beijing time). This moves no money.`,
  settled: 'Which orders is settled when you confirm; orders that fit later are not among them.',
  confirm: (count, sum) => `Yes, do this to ${count} orders (${sum}).`,
  run: 'Do it',
  change: 'Change',
  progress: 'Progress',
  running: 'Running',
  finished: 'Finished',
  done: 'Done',
  failed: 'Failed',
  left: 'Left',
  startedAt: 'Started',
  finishedAt: 'Finished',
  by: 'By',
  failures: 'Orders that failed',
  firstOnly: (shown) => `Only the first ${shown} are listed.`,
  why: 'Why',
  latest: 'Latest bulks',
  none: 'No bulk yet.',
  again: 'Another bulk',
  refreshes: 'This page reloads every 2 s until it is finished. You can leave: it goes on.',
  fields: {
    merchant_unknown: 'Choose a merchant.',
    action_unknown: 'Choose an action.',
    filter_unknown: 'Choose from the list.',
    time_invalid: 'Enter a valid time.',
    range_empty: 'The end must be later than the beginning.',
    numbers_invalid: 'At most 1,000 numbers of at most 64 characters.',
    until_required: 'Enter the new deadline: in the future, within 7 days.',
    until_unwanted: 'Only for "Move the deadline".',
    reason_required: 'Say why.',
    reason_invalid: 'Too long, or with characters that cannot be shown.',
    confirm_required: 'Tick the box to confirm.',
  },
};

export const BULK_TEXTS: Readonly<Record<Language, BulkTexts>> = { zh, en };
