import type {
  CloseAnswer,
  GatewayFailureCode,
  PrepayAnswer,
  RefundAnswer,
  RefundQueryAnswer,
  TradeAnswer,
} from '../domain/gateway-answer.js';

/** What a gateway call came to, as a label: few words, whatever WeChat Pay thinks of. */
export const CALL_OUTCOMES = [
  'ok',
  'not_paid',
  'not_found',
  'refused',
  'conflict',
  'not_enough',
  'limited',
  'gate_shut',
  'unreachable',
  'unknown',
  'merchant_config',
  'other',
] as const;
export type CallOutcome = (typeof CALL_OUTCOMES)[number];

/** From the kind of an answer or the code of a failure. `unknown`: no answer, or one that was not proven to be WeChat Pay's. */
export const callOutcome = (word: string): CallOutcome => OUTCOMES.get(word) ?? 'other';

type Answer = TradeAnswer | PrepayAnswer | CloseAnswer | RefundAnswer | RefundQueryAnswer;

const OUTCOMES: ReadonlyMap<string, CallOutcome> = new Map(
  Object.entries({
    opened: 'ok',
    paid: 'ok',
    refunded: 'ok',
    closed: 'ok',
    accepted: 'ok',
    alreadyPaid: 'ok',
    alreadyClosed: 'ok',
    found: 'ok',
    notPaid: 'not_paid',
    notExist: 'not_found',
    refused: 'refused',
    conflict: 'conflict',
    taken: 'conflict',
    notEnough: 'not_enough',
    rate_limited: 'limited',
    gate_shut: 'gate_shut',
    unreachable: 'unreachable',
    unknown: 'unknown',
    merchant_config: 'merchant_config',
    unrecognised: 'other',
  } satisfies Record<Answer['kind'] | GatewayFailureCode, CallOutcome>),
);
