import { formatYuan } from './money.js';
import { orderWorkflowId } from './ids.js';
import { factsOfRow, factsOfState, type ExplainFacts, type ExplainInput } from './explain/facts.js';
import { situationOf, type Actor } from './explain/situation.js';
import type { OrderState } from './order/state.js';

export type Language = 'zh' | 'en';

/** Whatever an order waits for: what, since when, what comes next and when, and who can act. Times are RFC 3339, UTC. */
export type Explanation = {
  readonly waitingFor: string;
  readonly since: string;
  readonly nextStep: string;
  readonly nextAt: string | null;
  readonly attempts: number;
  readonly lastAnswer: { readonly api: string; readonly at: string; readonly outcome: string } | null;
  readonly actor: Actor;
  readonly commands: readonly string[];
  readonly text: { readonly zh: string; readonly en: string };
};

/** For API and operators: from the order's row and its last gateway call. */
export const explainOrder = (input: ExplainInput): Explanation => explain(factsOfRow(input));

export function explain(facts: ExplainFacts): Explanation {
  const { waitingFor, nextStep, actor, nextAtMs, zh, en } = situationOf(facts);
  return {
    waitingFor,
    since: new Date(facts.sinceMs).toISOString(),
    nextStep,
    nextAt: nextAtMs === null ? null : new Date(nextAtMs).toISOString(),
    attempts: facts.attempts,
    lastAnswer: facts.lastAnswer,
    actor,
    commands: waitingFor === 'nothing' ? [] : commandsFor(facts),
    text: { zh, en },
  };
}

/** The card of `explain` for the Temporal UI's current details: Markdown, in one language. */
export function explainCard(order: OrderState, language: Language, nowMs: number): string {
  const facts = factsOfState(order, nowMs);
  const card = explain(facts);
  const words = WORDS[language];
  const reason = facts.reviewReason ?? facts.stuckReason ?? facts.closedReason;
  const { nextStepZh } = situationOf(facts);
  const nextStep = language === 'zh' ? nextStepZh : card.nextStep;
  const rows = [
    [words.state, `\`${facts.state}\`${reason === null ? '' : ` · \`${reason}\``}`],
    [words.amount, formatYuan(facts.amountFen)],
    ...(facts.confirmedFen > 0 ? [[words.confirmed, formatYuan(facts.confirmedFen)]] : []),
    [words.next, card.nextAt === null ? nextStep : `${nextStep} · ${readable(card.nextAt)}`],
    [words.deadline, readable(new Date(facts.expiresAtMs).toISOString())],
    [words.actor, words.actors[card.actor]],
  ];
  const table = rows.map(([name = '', value = '']) => `| ${name} | ${value} |`);
  const commands = card.commands.slice(0, 1).flatMap((command) => ['```sh', folded(command), '```', '']);
  const asOf = `${words.asOf} ${readable(new Date(nowMs).toISOString())}`;
  return [
    `### ${facts.orderNo}`,
    '',
    card.text[language],
    '',
    ...commands,
    '| | |',
    '|---|---|',
    ...table,
    '',
    asOf,
  ].join('\n');
}

/** `2026-03-01 02:00:00Z`: nobody decides by milliseconds. */
const readable = (iso: string): string => iso.replace('T', ' ').replace(/\.\d+Z$/, 'Z');

/** One option a line: the UI's column is narrow. */
const folded = (command: string): string => command.replaceAll(' --', ' \\\n  --');

/** Whoever pastes it has the namespace in the environment, or uses the one PaySaga has by itself. */
const NAMESPACE = '--namespace "${TEMPORAL_NAMESPACE:-paysaga}"';

function commandsFor(facts: ExplainFacts): string[] {
  const workflowId = orderWorkflowId(facts.mchid, facts.orderNo);
  const recheck = `temporal workflow signal ${NAMESPACE} --workflow-id '${workflowId}' --name recheck`;
  const show = `temporal workflow describe ${NAMESPACE} --workflow-id '${workflowId}'`;
  return facts.stuckReason === 'review' ? [recheck, show, resolve(facts)] : [recheck, show];
}

/** A person's decision goes through the API, which asks for the reason and keeps it. */
const resolve = ({ mchid, orderNo }: ExplainFacts): string =>
  [
    `curl -X POST "$PAYSAGA_API_URL/v1/orders/${orderNo}/resolve?mchid=${mchid}"`,
    `-H "Authorization: Bearer $PAYSAGA_OPERATOR_KEY" -H 'Content-Type: application/json'`,
    `-d '{"action":"return","reason":"…"}'`,
  ].join(' ');

const WORDS = {
  zh: {
    state: '状态',
    amount: '金额',
    confirmed: '微信支付已确认',
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
    next: 'Next',
    deadline: 'Deadline',
    actor: 'Who can act',
    asOf: 'As of',
    actors: { nobody: 'nobody', payer: 'the payer', shop: 'the shop', operator: 'an operator', wechat: 'WeChat Pay' },
  },
} as const satisfies Record<Language, unknown>;
