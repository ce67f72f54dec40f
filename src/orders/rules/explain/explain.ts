import type { Text } from '../../../actions/rules/decision.js';
import { commandsFor } from './commands.js';
import type { ExplainFacts } from './facts.js';
import { factsOfRow, type ExplainInput } from './row-facts.js';
import { situationOf, type Actor } from './situation.js';

/** Times are RFC 3339, UTC. */
export type Explanation = {
  readonly waitingFor: string;
  readonly since: string;
  readonly nextStep: string;
  readonly nextStepZh: string;
  readonly nextAt: string | null;
  /** How often WeChat Pay was called as in the last answer. */
  readonly attempts: number;
  readonly lastAnswer: ExplainFacts['lastAnswer'];
  readonly actor: Actor;
  readonly commands: readonly string[];
  readonly text: Text;
};

export const explainOrder = (input: ExplainInput): Explanation => explain(factsOfRow(input));

export function explain(facts: ExplainFacts): Explanation {
  const situation = situationOf(facts);
  const { waitingFor, next, actor, nextAtMs = null, zh, en } = situation;
  return {
    waitingFor,
    since: new Date(facts.sinceMs).toISOString(),
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
