import { setTimeout as sleep } from 'node:timers/promises';
import type { ErrorFault, Fault } from '../../fault/fault.js';
import type { Gateway } from '../../gateway.js';
import type { Forgery } from '../../identity/sign.js';
import { errors, failure, noContent, unsigned, type Answer, type Bend, type Call, type Operation } from './call.js';

export interface Struck {
  /** `undefined`: the call is never answered. */
  answer: Answer | undefined;
  forgery: Forgery | undefined;
  /** To be called once the answer is on its way. */
  after: () => void;
}

export async function strike(gateway: Gateway, operation: Operation, call: Call, fault?: Fault): Promise<Struck> {
  const outTradeNo = operation.outTradeNo(call);
  const payNow = () => payIfUnpaid(gateway, call, outTradeNo);
  if (fault?.kind === 'payBefore') payNow();
  const answer = answerOf(operation, call, fault);
  // Ends early when the sandbox stops.
  if (fault?.kind === 'slow') await sleep(fault.ms, undefined, { signal: gateway.stopped }).catch(() => undefined);
  return {
    answer,
    forgery: fault?.kind === 'badSignature' || fault?.kind === 'signTest' ? fault.kind : undefined,
    after: fault?.kind === 'payAfter' ? payNow : () => undefined,
  };
}

function answerOf(operation: Operation, call: Call, fault: Fault | undefined): Answer | undefined {
  switch (fault?.kind) {
    case 'http500':
      return unsigned(errors.systemError());
    case 'timeoutBefore':
      return undefined;
    case 'timeoutAfter':
      operation.run(call, {});
      return undefined;
    case 'error':
      return { ...errorOf(fault, fault.effect ? operation.run(call, {}) : undefined), retryAfter: fault.retryAfter };
    default:
      return operation.run(call, bendOf(fault));
  }
}

/** `own` is the operation's own answer: a fault that names no code answers with it, and a refusal of its own always stands. */
function errorOf(fault: ErrorFault, own: Answer | undefined): Answer {
  const { status, code, body, contentType } = fault;
  if (body !== undefined) {
    const raw = { text: body, contentType: contentType ?? 'text/html; charset=utf-8' };
    return { status, raw, internalCode: 268435456, signed: fault.signed ?? false };
  }
  const signed = fault.signed ?? true;
  if (code !== undefined)
    return { ...failure(status, code, fault.message ?? 'sandbox fault', 268435456, fault.detail), signed };
  if (own !== undefined && own.status >= 300) return { ...own, signed };
  return status === 204 ? { ...noContent(), signed } : { internalCode: 0, ...own, status, signed };
}

function bendOf(fault: Fault | undefined): Bend {
  if (fault?.kind === 'stale') return { stale: true };
  if (fault?.kind === 'wrongAmount') return { shownTotalFen: (real) => fault.totalFen ?? real + 1 };
  return {};
}

/** A payment in flight: neither the close nor the deadline stops it. */
function payIfUnpaid({ trades, pay }: Gateway, call: Call, outTradeNo: string | undefined): void {
  const trade = outTradeNo === undefined ? undefined : trades.find(call.merchant.row.mchid, outTradeNo);
  if (trade) pay({ trade, force: true });
}
