import type { Both } from '../../base/language.js';
import type { BillKind } from './bill-line.js';
import { WARNINGS } from './classes.js';
import { isLate, type BillDistrust, type DayFailure, type DayWait } from './day.js';
import type { BillView, DayView } from './view.js';

export type ExplainedDay = Pick<
  DayView,
  | 'mchid'
  | 'date'
  | 'state'
  | 'failure'
  | 'waitsFor'
  | 'waitingSince'
  | 'stalledSince'
  | 'nextAt'
  | 'startedAt'
  | 'finishedAt'
  | 'open'
> & { readonly bills: readonly Pick<BillView, 'kind' | 'state' | 'distrust' | 'distrustWhy'>[] };

/** `run`: it is fetched or matched just now. `stalled`: its workflow cannot go on. `operator`: it has ended, and a person has to look. */
export type DayWaitsOn = DayWait | 'stalled' | 'run' | 'operator' | 'nothing';

export type DayExplanation = ReturnType<typeof explainDay>;

/** What a day waits for, since when, what comes next and who can act. Times are RFC 3339, UTC; commands are to be pasted. */
export function explainDay(day: ExplainedDay, now: Date) {
  const situation = withNotTaken(day, situationOf(day, now));
  const { waitingFor, actor, acts = [] } = situation;
  const [[zh, en], [nextStepZh, nextStep]] = [situation.text, situation.next];
  const isOver = day.finishedAt !== null;
  return {
    waitingFor,
    since: ((isOver ? day.finishedAt : (day.stalledSince ?? day.waitingSince)) ?? day.startedAt).toISOString(),
    nextStep,
    nextStepZh,
    nextAt: isOver || day.stalledSince !== null ? null : (day.nextAt?.toISOString() ?? null),
    actor,
    commands: acts.map((act) => COMMANDS[act](day)),
    text: { zh, en },
  };
}

type Situation = {
  readonly waitingFor: DayWaitsOn;
  readonly actor: 'nobody' | 'wechat' | 'operator';
  readonly text: Both;
  readonly next: Both;
  /** The most useful first. */
  readonly acts?: readonly (keyof typeof COMMANDS)[];
};

const COMMANDS = {
  discrepancies: ({ mchid }: ExplainedDay) => `paysaga discrepancies --mchid ${mchid} --status open`,
  reconcile: ({ mchid, date }: ExplainedDay) => `paysaga reconcile ${date} --mchid ${mchid}`,
  doctor: () => 'paysaga doctor',
} as const;

function situationOf(day: ExplainedDay, now: Date): Situation {
  const { state, failure, waitsFor, stalledSince, finishedAt } = day;
  if (finishedAt === null && stalledSince !== null) return STALLED;
  if (finishedAt === null) return waitsFor === null ? RUNNING : waiting(day, waitsFor, now);
  switch (state) {
    case 'failed':
      return failed(day, failure);
    case 'differs':
      return differing(day);
    case 'empty':
      return settled(['当日双方均无收支。', 'Nothing moved on this day, on either side.']);
    case 'balanced':
      return hasWarning(day) ? { ...settled(BALANCED_BUT), acts: ['discrepancies'] } : settled(BALANCED);
    case 'waiting':
      return RUNNING;
    default:
      return state satisfies never;
  }
}

const RUNNING: Situation = {
  waitingFor: 'run',
  actor: 'nobody',
  text: [
    '正在取账单并逐笔核对，或即将开始。',
    'Its bills are fetched and matched with our books just now, or will be soon.',
  ],
  next: ['账单取得后逐笔核对', 'match both sides, once the bills are there'],
};

function waiting(day: ExplainedDay, waitsFor: DayWait, now: Date): Situation {
  const { text, next, actor, acts } = WAITS[waitsFor];
  if (!AWAITED.includes(waitsFor) || !isLate(day.startedAt, now))
    return { waitingFor: waitsFor, actor, text, next, acts };
  const late: Both = [`${text[0]}已超过三小时。`, `${text[1]} That has been so for more than three hours.`];
  return { waitingFor: waitsFor, actor, text: late, next, acts: ['doctor', ...acts.filter((it) => it !== 'doctor')] };
}

/** What may be late. */
const AWAITED: readonly DayWait[] = ['trade_bill', 'fundflow_bill', 'gateway'];

const ASK_AGAIN: Both = ['再次申请账单', 'ask for the bill again'];

const WAITS: Readonly<Record<DayWait, Required<Omit<Situation, 'waitingFor'>>>> = {
  trade_bill: {
    text: [
      '等待微信支付生成交易账单：次日 10 点后提供，每 30 分钟再问一次；称当日无账单的答复，正午之后才采信。',
      'Waits for WeChat Pay to make the trade bill: it is there from 10:00 of the next day and asked for every 30 minutes; that there is none is believed from noon on.',
    ],
    next: ASK_AGAIN,
    actor: 'wechat',
    acts: ['reconcile'],
  },
  fundflow_bill: {
    text: [
      '等待微信支付生成资金账单，每 30 分钟再问一次；称当日无账单的答复，正午之后才采信。',
      'Waits for WeChat Pay to make the fund-flow bill: it is asked for every 30 minutes; that there is none is believed from noon on.',
    ],
    next: ASK_AGAIN,
    actor: 'wechat',
    acts: ['reconcile'],
  },
  gateway: {
    text: [
      '微信支付没有给出答复，或账单文件未能完整下载；将自动重试。',
      'WeChat Pay does not answer, or the file could not be had as a whole; it is tried again by itself.',
    ],
    next: ASK_AGAIN,
    actor: 'wechat',
    acts: ['doctor', 'reconcile'],
  },
  repairs: {
    text: [
      '账单与本地账目有差异，相关订单和退款正在查询微信支付，之后再次核对；仅凭账单不改动任何款项。',
      'The bill and our books differ; the orders and refunds concerned ask WeChat Pay, and then it is matched again. No money changes by a line of a bill alone.',
    ],
    next: ['再次核对', 'match again'],
    actor: 'nobody',
    acts: ['discrepancies', 'reconcile'],
  },
  failing: {
    text: [
      '这次对账有一步反复失败，每分钟重试一次；原因见 worker 的日志。',
      'A step of this run fails again and again, and is tried again every minute; the log of the worker says why.',
    ],
    next: ['重试这一步', 'try the step again'],
    actor: 'operator',
    acts: ['doctor', 'reconcile'],
  },
};

const STALLED: Situation = {
  waitingFor: 'stalled',
  text: [
    '这次对账的工作流无法继续：其代码反复失败，或没有 worker 执行它。已完成的部分保留；修复后请重新对账，会从头接上。',
    'The workflow of this run cannot go on: its code fails again and again, or no worker takes it. What was done stays; once that is mended, run the day again, and it is begun anew.',
  ],
  next: ['由运营人员重新对账', 'an operator runs it again'],
  actor: 'operator',
  acts: ['reconcile', 'doctor'],
};

const failed = (day: ExplainedDay, failure: DayFailure | null): Situation => {
  const { text, acts } = FAILURES[failure ?? 'trade_untrusted'](day);
  return {
    waitingFor: 'operator',
    actor: 'operator',
    text,
    acts,
    next: ['由运营人员重新对账', 'an operator runs it again'],
  };
};

type Failed = (day: ExplainedDay) => Required<Pick<Situation, 'text' | 'acts'>>;

const FAILURES: Readonly<Record<DayFailure, Failed>> = {
  trade_untrusted: (day) => {
    const [zh, en] = untrustedWords(day, 'trade');
    return {
      text: [
        `交易账单不可信：${zh}。未据此做任何处理。`,
        `The trade bill cannot be trusted: ${en}. Nothing followed from it.`,
      ],
      acts: ['reconcile'],
    };
  },
  fundflow_untrusted: (day) => {
    const [zh, en] = untrustedWords(day, 'fundflow');
    return {
      text: [
        `交易账单已核对；资金账单不可信：${zh}。`,
        `The trade bill was matched; the fund-flow bill cannot be trusted: ${en}.`,
      ],
      acts: ['reconcile'],
    };
  },
  bill_refused: () => ({
    text: [
      '微信支付拒绝向该商户提供账单：请在商户平台检查权限和证书，然后重新对账。',
      'WeChat Pay refuses this merchant a bill: look after its permissions and certificates in the merchant platform, then run the day again.',
    ],
    acts: ['doctor', 'reconcile'],
  }),
};

/** Why a file is not trusted, as a part of a sentence. */
export const DISTRUST_WORDS: Readonly<Record<BillDistrust, Both>> = {
  hash: ['文件与公布的摘要不符', 'it is not the file whose hash was announced'],
  unreadable: ['文件无法读取', 'it cannot be read'],
  summary: ['明细与汇总不符', 'its lines do not add up to its own summary'],
  refused: ['微信支付拒绝提供', 'WeChat Pay refuses it'],
};

/** A run of a build before this one told no bills. */
const UNTOLD: Both = [
  '与公布的摘要不符、无法读取，或与自身汇总不符',
  'it is not what WeChat Pay announced, or contradicts itself',
];

function untrustedWords({ bills }: ExplainedDay, kind: BillKind): Both {
  const bill = bills.find((it) => it.kind === kind && it.state === 'untrusted');
  return bill?.distrust == null ? UNTOLD : distrustedWords(bill.distrust, bill.distrustWhy);
}

function distrustedWords(distrust: BillDistrust, why: string | null): Both {
  const [zh, en] = DISTRUST_WORDS[distrust];
  return why === null ? [zh, en] : [`${zh}（${why}）`, `${en} (${why})`];
}

/** Of a day that is over also which file was not taken in the place of the one that counts: to run it again asks for another. */
function withNotTaken({ bills, finishedAt }: ExplainedDay, situation: Situation): Situation {
  const notTaken = bills.filter((it) => it.state === 'imported' && it.distrust !== null);
  if (finishedAt === null || notTaken.length === 0) return situation;
  const { text, acts = [] } = situation;
  const told = notTaken.map(notTakenWords);
  return {
    ...situation,
    text: [[text[0], ...told.map(([zh]) => zh)].join(''), [text[1], ...told.map(([, en]) => en)].join(' ')],
    acts: [...acts.filter((it) => it !== 'reconcile'), 'reconcile'],
  };
}

function notTakenWords({ kind, distrust, distrustWhy }: ExplainedDay['bills'][number]): Both {
  const [zh, en] = distrustedWords(distrust ?? 'hash', distrustWhy);
  const [nameZh, name] = BILL_NAMES[kind];
  return [
    `后来的${nameZh}未采用，仍以先前的为准：${zh}。`,
    `A later ${name} was not taken, and the one before it counts: ${en}.`,
  ];
}

const BILL_NAMES: Readonly<Record<BillKind, Both>> = {
  trade: ['交易账单', 'trade bill'],
  fundflow: ['资金账单', 'fund-flow bill'],
};

function differing(day: ExplainedDay): Situation {
  const count = openCount(day);
  const text: Both =
    count === 0
      ? [
          '微信支付称当日没有账单，而本地当日有收款或退款。',
          'WeChat Pay says that there is no bill of this day, and our books have payments or refunds of it.',
        ]
      : [
          `有 ${count} 笔差异未了结，需要运营人员处理。`,
          `${count === 1 ? '1 discrepancy is' : `${count} discrepancies are`} open and for an operator to decide.`,
        ];
  const next: Both = ['由运营人员处理差异，或重新对账', 'an operator decides the discrepancies, or runs it again'];
  const acts = count === 0 ? (['reconcile'] as const) : (['discrepancies', 'reconcile'] as const);
  return { waitingFor: 'operator', actor: 'operator', text, next, acts };
}

const BALANCED: Both = ['双方一致。', 'Both sides agree.'];
const BALANCED_BUT: Both = [
  '双方一致；资金账单的账户结余不连续，仅作提示。',
  'Both sides agree. The balances in the fund-flow bill do not follow from one another, which is a warning only.',
];

const settled = (text: Both): Situation => ({ waitingFor: 'nothing', actor: 'nobody', text, next: ['无', 'nothing'] });

const isWarning = (name: string): boolean => WARNINGS.some((it) => it === name);

const hasWarning = ({ open }: ExplainedDay): boolean => open.some((it) => isWarning(it.class) && it.count > 0);

const openCount = ({ open }: ExplainedDay): number =>
  open.reduce((total, it) => total + (isWarning(it.class) ? 0 : it.count), 0);
