import { APPROVAL_DECISIONS } from '../../../approvals/rules/decisions.js';
import { decisionCommand } from '../../../decisions/rules/decisions.js';
import type { Mchid } from '../../../base/ids.js';
import { enterCommand, isHeld, proposedOfRefund } from '../../../refunds/rules/decisions.js';
import { resendCommand } from '../../../shop-events/rules/decisions.js';
import type { ExplainFacts, RefundFacts } from './facts.js';
import { factsOfRow, type ExplainInput } from './row-facts.js';
import { situationOf, type Act, type Situation } from './situation.js';

export const explainOrder = (input: ExplainInput) => explain(factsOfRow(input));

/** Times are RFC 3339, UTC; `attempts`: how often WeChat Pay was called as in the last answer. */
export function explain(facts: ExplainFacts) {
  const situation = situationOf(facts);
  const { waitingFor, next, actor, nextAtMs = null, zh, en } = situation;
  const sinceMs = (waitingFor === 'approval' ? facts.approvals[0]?.atMs : undefined) ?? facts.sinceMs;
  return {
    waitingFor,
    since: new Date(sinceMs).toISOString(),
    nextStep: next.en,
    nextStepZh: next.zh,
    nextAt: nextAtMs === null ? null : new Date(nextAtMs).toISOString(),
    attempts: facts.attempts,
    lastAnswer: facts.lastAnswer,
    actor,
    commands: commandsFor(facts, situation),
    text: { zh, en },
  };
}

export type Explanation = Readonly<ReturnType<typeof explain>>;

/** What an operator can paste, the most useful first. `--reason ''` and angle brackets are to be filled in: the command refuses them. */
function commandsFor(facts: ExplainFacts, { acts, waitingFor }: Situation): readonly string[] {
  if (waitingFor === 'nothing') return [];
  return [...acts.flatMap((act) => linesOf(facts, act)), `paysaga show ${facts.orderNo} --mchid ${facts.mchid}`];
}

function linesOf(facts: ExplainFacts, act: Act): readonly string[] {
  const { mchid, refunds, untold } = facts;
  switch (act) {
    case 'doctor':
      return ['paysaga doctor'];
    case 'refunds':
      return refunds.flatMap((refund) => refundCommands(facts, refund));
    case 'approvals':
      return facts.approvals.flatMap(({ id }) =>
        Object.values(APPROVAL_DECISIONS).map(({ command }) => asked(mchid, command({ id }))),
      );
    case 'resend':
      return untold.map(({ id }) => asked(mchid, resendCommand(id)));
    default: {
      const command = decisionCommand(act, facts);
      return command === undefined ? [] : [asked(mchid, command)];
    }
  }
}

/** What a person can do about a refund that does not end by itself; nothing for one that does. */
export function refundCommands(
  { mchid, orderNo }: Pick<ExplainFacts, 'mchid' | 'orderNo'>,
  refund: Pick<RefundFacts, 'outRefundNo' | 'state' | 'canBeReissued' | 'code' | 'trouble'>,
): readonly string[] {
  const entered = isHeld(refund) ? [enterCommand(orderNo, refund.outRefundNo)] : [];
  return [...entered, ...proposedOfRefund(refund)].map((command) => asked(mchid, command));
}

const asked = (mchid: Mchid, what: string): string => `paysaga ${what} --mchid ${mchid} --reason ''`;
