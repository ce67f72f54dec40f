import type { ChargeAnswered } from '../src/orders/rules/events.js';
import { refusedWith, type GatewayRefusal } from '../src/orders/rules/gateway-answer.js';
import type { GatewayReply } from '../src/orders/rules/trouble.js';
import { chargeBegun, claimCharge, type ChargeBegun } from '../src/orders/store/charge.js';
import { loadAttemptParameters, recordPrepayFailed, recordPrepayOpened } from '../src/orders/store/prepay.js';
import { GatewayError, type Charge } from '../src/channels/port.js';
import { callGateway, type GatewayCall, type GatewayCallInput, type GatewayDeps } from './gateway-call.js';

/** What a charge came to; `refusedWith` is WeChat Pay's code, its words stay in Postgres. */
type ChargeOutcome = Omit<ChargeAnswered, 'type' | 'outTradeNo'>;

/**
 * Charges the payer's code, once, ever: the claim that takes it out of the row is committed before the call leaves, and whoever finds
 * it taken only tells what is known. No answer is a failure of this activity from then on: what became of the money is asked by query.
 */
export async function charge(deps: GatewayDeps, input: GatewayCallInput): Promise<GatewayReply<ChargeOutcome>> {
  const begun = await chargeBegun(deps.db, input);
  if (begun !== null) return { kind: 'answer', answer: outcomeOf(begun) };
  return callGateway<ChargeOutcome>(deps, input, { api: 'charge', run: runOf(deps, input) });
}

function runOf(deps: GatewayDeps, input: GatewayCallInput): GatewayCall<ChargeOutcome>['run'] {
  return async (gateway, options, { note, noted }) => {
    const startedAt = deps.now();
    const sent = { at: null as Date | null };
    const claim = async (): Promise<Charge> => {
      const charge = await claimed(deps, input, startedAt);
      sent.at = startedAt;
      return charge;
    };
    const ended = async (
      kind: ChargeOutcome['kind'],
      refusal: GatewayRefusal | null = null,
    ): Promise<ChargeOutcome> => {
      if (kind === 'paid' || kind === 'paying') {
        const codes = { codeUrl: null, prepayId: null, h5Url: null };
        await recordPrepayOpened(deps.db, { ...input, codes, codeExpiresAt: null, now: deps.now() }, noted(kind));
        return { kind, sentAtMs: startedAt.getTime(), refusedWith: null };
      }
      await note(kind);
      if (kind !== 'unknown') {
        const kept = kind === 'refused' && refusal !== null ? { refusal } : {};
        await recordPrepayFailed(deps.db, input, { earlierUnknown: false, ...kept });
      }
      return { kind, sentAtMs: startedAt.getTime(), refusedWith: refusal?.code ?? null };
    };
    try {
      const answer = await gateway.charge({ claim }, options);
      return await ended(answer.kind, 'refusal' in answer ? answer.refusal : null);
    } catch (error) {
      if (error instanceof ChargeTaken) return outcomeOf(error.begun);
      if (!(error instanceof GatewayError) || sent.at === null) throw error;
      // A limit, too, can be answered after the payer was charged.
      return error.code === 'unreachable' ? ended('refused', NOT_SENT) : ended('unknown', error.refusal);
    }
  };
}

/** In our own words: WeChat Pay was not reached, so it took nothing. */
const NOT_SENT: GatewayRefusal = {
  status: 503,
  code: 'NOT_SENT',
  message: 'WeChat Pay could not be reached: nothing was charged; scan another code',
  detail: null,
};

class ChargeTaken extends Error {
  override readonly name = 'ChargeTaken';
  readonly begun: ChargeBegun;

  constructor(begun: ChargeBegun) {
    super('the code was charged already');
    this.begun = begun;
  }
}

async function claimed({ db }: GatewayDeps, input: GatewayCallInput, at: Date): Promise<Charge> {
  const parameters = await loadAttemptParameters(db, input);
  if (parameters?.till == null) throw new Error(`charge ${input.outTradeNo} has no till`);
  const authCode = await claimCharge(db, input, at);
  if (authCode !== undefined) return { ...parameters, till: parameters.till, authCode };
  // Ended before it left: that it never will is as good as a refusal.
  throw new ChargeTaken((await chargeBegun(db, input)) ?? { at, isUnknown: false, refusal: WITHDRAWN });
}

const WITHDRAWN: GatewayRefusal = { ...NOT_SENT, message: 'the attempt ended before it was charged' };

function outcomeOf({ at, isUnknown, refusal }: ChargeBegun): ChargeOutcome {
  const kind = isUnknown ? 'unknown' : refusal === null ? 'conflict' : 'refused';
  return { kind, sentAtMs: at.getTime(), refusedWith: refusedWith(refusal) };
}
