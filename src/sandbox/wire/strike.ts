import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BillFault, ErrorFault, Fault } from '../fault/fault.js';
import type { Gateway } from '../gateway.js';

/** What a fault needs of the call that it strikes, in the call's own protocol. */
interface Struck<Answer> {
  mchid: string;
  outTradeNo: string | undefined;
  run(bend: Bend): Answer;
  /** The answer of a gateway that failed before it did anything. */
  systemError(): Answer;
  /** `own` is the operation's own answer, if the fault lets the effect happen. */
  error(fault: ErrorFault, own: Answer | undefined): Answer;
}

/** How a fault bends the answer of a query, a bill or a reverse. */
export interface Bend {
  stale?: boolean;
  shownTotalFen?: (real: number) => number;
  bill?: BillFault;
  /** The merchant is to call again, and nothing happens. */
  recall?: boolean;
}

/** The answer as the fault lets it be, `undefined` for none at all; `after` is to be called once it is on its way. */
export async function strike<Answer>(gateway: Gateway, call: Struck<Answer>, fault: Fault | undefined) {
  const payNow = () => payIfUnpaid(gateway, call);
  if (fault?.kind === 'payBefore') payNow();
  const answer = answerOf(call, fault);
  // Ends early when the sandbox stops.
  if (fault?.kind === 'slow') await sleep(fault.ms, undefined, { signal: gateway.stopped }).catch(() => undefined);
  return { answer, after: fault?.kind === 'payAfter' ? payNow : () => undefined };
}

function answerOf<Answer>(call: Struck<Answer>, fault: Fault | undefined): Answer | undefined {
  switch (fault?.kind) {
    case 'http500':
      return call.systemError();
    case 'timeoutBefore':
      return undefined;
    case 'timeoutAfter':
      call.run({});
      return undefined;
    case 'error':
      return call.error(fault, fault.effect ? call.run({}) : undefined);
    default:
      return call.run(bendOf(fault));
  }
}

function bendOf(fault: Fault | undefined): Bend {
  switch (fault?.kind) {
    case 'stale':
      return { stale: true };
    case 'recall':
      return { recall: true };
    case 'wrongAmount':
      return { shownTotalFen: (real) => fault.totalFen ?? real + 1 };
    case 'creating':
    case 'wrongHash':
    case 'truncated':
    case 'missingLine':
    case 'extraLine':
    case 'alteredLine':
      return { bill: fault };
    default:
      return {};
  }
}

/** A payment in flight: neither the close nor the deadline stops it. */
function payIfUnpaid({ trades, pay }: Gateway, { mchid, outTradeNo }: Struck<unknown>): void {
  const trade = outTradeNo === undefined ? undefined : trades.find(mchid, outTradeNo);
  if (trade) pay({ trade, force: true });
}

/** Never answers: returns when the client has given up or the sandbox stops. */
export async function holdOpen(outgoing: ServerResponse): Promise<void> {
  if (outgoing.destroyed) return;
  await new Promise((resolve) => outgoing.once('close', resolve));
}
