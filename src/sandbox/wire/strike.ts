import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '../fault/fault.js';
import type { Forgery } from '../identity/sign.js';
import type { Pay } from '../trade/pay.js';
import type { Trades } from '../trade/trades.js';
import { errors, failure, unsigned, type Answer } from './answer.js';
import type { Bend, Call, Operation } from './call.js';

export interface Struck {
  /** `undefined`: never answer. */
  answer: Answer | undefined;
  forgery: Forgery | undefined;
  /** To be done once the answer is on its way. */
  after: () => void;
}

export interface StrikeDeps {
  trades: Trades;
  pay: Pay;
  stopped: AbortSignal;
}

/** Runs the operation as the fault bends it. */
export async function strike(
  deps: StrikeDeps,
  operation: Operation,
  call: Call,
  fault: Fault | undefined,
): Promise<Struck> {
  const outTradeNo = operation.outTradeNo(call);
  const payNow = () => payIfUnpaid(deps, call, outTradeNo);
  if (fault?.kind === 'payBefore') payNow();
  const answer = answerOf(operation, call, fault);
  if (fault?.kind === 'slow') await pause(fault.ms, deps.stopped);
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
      if (fault.effect) operation.run(call, {});
      return failure(fault.status, fault.code, 'sandbox fault', 268435456);
    default:
      return operation.run(call, bendOf(fault));
  }
}

function bendOf(fault: Fault | undefined): Bend {
  if (fault?.kind === 'stale') return { stale: true };
  if (fault?.kind === 'wrongAmount') return { shownTotalFen: (real) => fault.totalFen ?? real + 1 };
  return {};
}

/** A payment in flight: neither the close nor the deadline stops it. */
function payIfUnpaid({ trades, pay }: StrikeDeps, call: Call, outTradeNo: string | undefined): void {
  const trade = outTradeNo === undefined ? undefined : trades.find(call.merchant.row.mchid, outTradeNo);
  if (trade) pay({ trade, force: true });
}

/** Ends early, without an error, when the sandbox stops. */
async function pause(ms: number, stopped: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal: stopped }).catch((error: unknown) => {
    if (!stopped.aborted) throw error;
  });
}
