import type {
  CloseAnswer,
  GatewayFailureCode,
  PrepayAnswer,
  RefundAnswer,
  RefundQueryAnswer,
  TradeAnswer,
} from '../orders/rules/gateway-answer.js';
import type { BillAnswer, BillDownload } from './port.js';

/** A metrics label for an answer's kind or a failure's code. `unknown`: no answer, or one not proven to be WeChat Pay's. */
export const callOutcome = (word: string): string => LABELS.get(word) ?? 'other';

type Answer = TradeAnswer | PrepayAnswer | CloseAnswer | RefundAnswer | RefundQueryAnswer | BillAnswer | BillDownload;

const LABELS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    opened: 'ok',
    paid: 'ok',
    refunded: 'ok',
    closed: 'ok',
    accepted: 'ok',
    alreadyPaid: 'ok',
    alreadyClosed: 'ok',
    tooEarly: 'too_early',
    found: 'ok',
    ready: 'ok',
    bytes: 'ok',
    none: 'not_found',
    creating: 'creating',
    expired: 'expired',
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
  } satisfies Record<Answer['kind'] | GatewayFailureCode, string>),
);
