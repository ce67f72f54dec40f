import type { Language } from '../../../base/language.js';
import { explain } from './explain.js';
import { formatYuan } from '../../../base/money.js';
import type { OrderState } from '../state.js';
import { codeBlocks, LAST_LINE, readableTime, tableOf } from './markdown.js';
import { factsOfState } from './facts.js';

/** The card of `explain` for the Temporal UI's current details: Markdown, in one language. */
export function explainCard(order: OrderState, language: Language, nowMs: number): string {
  const facts = factsOfState(order, nowMs);
  const card = explain(facts);
  const words = WORDS[language];
  const reason = facts.reviewReason ?? facts.stuckReason ?? facts.closedReason;
  const nextStep = language === 'zh' ? card.nextStepZh : card.nextStep;
  const isOver = card.waitingFor === 'nothing';
  const table = tableOf([
    [words.state, `\`${facts.state}\`${reason === null ? '' : ` · \`${reason}\``}`],
    [words.amount, formatYuan(facts.amountFen)],
    [words.confirmed, facts.confirmedFen > 0 ? formatYuan(facts.confirmedFen) : null],
    [words.actor, words.actors[card.actor]],
    [words.since, readableTime(facts.sinceMs)],
    [words.next, card.nextAt === null ? nextStep : `${nextStep} · ${readableTime(Date.parse(card.nextAt))}`],
    [words.deadline, isOver ? null : readableTime(facts.expiresAtMs)],
    [words.asOf, readableTime(nowMs)],
  ]);
  return [
    `### ${facts.orderNo}`,
    '',
    card.text[language],
    '',
    ...codeBlocks(card.commands.slice(0, SHOWN_COMMANDS)),
    ...table,
    ...LAST_LINE,
  ].join('\n');
}

/** The Temporal UI's column is narrow. */
const SHOWN_COMMANDS = 3;

const WORDS = {
  zh: {
    state: '状态',
    amount: '金额',
    confirmed: '微信支付已确认',
    since: '自',
    next: '下一步',
    deadline: '截止时间',
    actor: '谁可以处理',
    asOf: '截至',
    actors: { nobody: '无需处理', payer: '付款人', shop: '店铺', operator: '运营人员', wechat: '微信支付' },
  },
  en: {
    state: 'State',
    amount: 'Amount',
    confirmed: 'Confirmed at WeChat Pay',
    since: 'Since',
    next: 'Next',
    deadline: 'Deadline',
    actor: 'Who can act',
    asOf: 'As of',
    actors: { nobody: 'nobody', payer: 'the payer', shop: 'the shop', operator: 'an operator', wechat: 'WeChat Pay' },
  },
} as const satisfies Record<Language, unknown>;
