import type { Accounts } from '../refund/life.js';
import { createSchedule, type Clock } from '../store/clock.js';
import type { Store } from '../store/store.js';
import type { Pay } from '../trade/pay.js';
import { newTrade, type TradeRequest } from '../trade/prepay.js';
import { refusedTrade, reversedTrade, type Trade, type Trades } from '../trade/trade.js';
import type { AuthCode, AuthCodes } from './auth-code.js';

/** Code scan has no notify, and no time to pay of its own. */
export type ChargeRequest = Omit<TradeRequest, 'tradeType' | 'notifyUrl' | 'timeExpire'>;

export type ChargeRefusal =
  ('paid' | 'paying' | 'closed' | 'reversed' | 'used') | ('unknownCode' | 'usedCode' | 'expiredCode' | 'couponTooBig');
export type ReverseRefusal = 'otherProduct' | 'tooSoon' | 'tooLate' | 'refunded' | 'notEnough';

interface ChargeDeps {
  store: Store;
  clock: Clock;
  trades: Trades;
  pay: Pay;
  authCodes: AuthCodes;
  accounts: Accounts;
  stopped: AbortSignal;
}

const reversibleMs = 7 * 86_400_000;

/** The charges of payers' codes, the prompts for their passwords, and the reverses. */
export function createCharges(deps: ChargeDeps) {
  const { store, clock, trades, pay, authCodes } = deps;
  const endPrompt = (code: string) => {
    const trade = trades.findByCode(undefined, code);
    const { dueAt = null, ends } = trade?.prompt ?? {};
    if (trade?.state !== 'USERPAYING' || dueAt === null || dueAt > clock.now()) return;
    if (ends === 'refused') store.write(trades.put(refusedTrade(trade)));
    else pay({ trade, paidAt: dueAt });
  };
  const schedule = createSchedule(clock.now, endPrompt, deps.stopped);
  const wait = ({ code, prompt }: Trade) => {
    if (prompt && prompt.dueAt !== null) schedule.add(code, prompt.dueAt);
  };

  for (const trade of trades.prompting()) wait(trade);

  const current = ({ mchid, outTradeNo }: Trade): Trade | undefined => trades.find(mchid, outTradeNo);

  return {
    /** The trade is SUCCESS, or USERPAYING while the payer is asked for the password. */
    charge(request: ChargeRequest, authCode: string): { trade: Trade } | { refused: ChargeRefusal } {
      const existing = trades.find(request.mchid, request.outTradeNo);
      if (existing) return { refused: refusedBy(existing, request) };
      const code = authCodes.open(authCode);
      if (typeof code === 'string') return { refused: code };
      if ((code.couponFen ?? 0) > request.totalFen) return { refused: 'couponTooBig' };
      const now = clock.now();
      const trade = newCharge(request, code, now);
      const used = authCodes.use(authCode, code, trade);
      if (trade.prompt) store.write(trades.put(trade), used);
      else pay({ trade, couponFen: code.couponFen, alsoSaved: [used] });
      wait(trade);
      return { trade: current(trade) ?? trade };
    },
    /** Ends an unpaid trade, gives the money of a paid one back; once more, it changes nothing. */
    reverse(trade: Trade): ReverseRefusal | undefined {
      const refused = reverseRefusal(trade, clock.now(), deps.accounts);
      if (refused || trade.state === 'REVOKED') return refused;
      const moved = trade.payment ? deps.accounts.move(trade.mchid, -trade.payment.totalFen) : [];
      store.write(trades.put(reversedTrade(trade, clock.now())), ...moved);
      return undefined;
    },
    /** The payer turns the prompt away; false when there is none. */
    refuse(trade: Trade): boolean {
      if (trade.state !== 'USERPAYING') return false;
      store.write(trades.put(refusedTrade(trade)));
      return true;
    },
    /** After an advance of the clock: prompts due by now end at once. */
    catchUp() {
      for (const { code } of trades.prompting()) endPrompt(code);
      schedule.catchUp();
    },
  };
}

/** A number is charged once: a repeat of the call that the payer is still asked about is told so. */
function refusedBy(existing: Trade, { request }: ChargeRequest): ChargeRefusal {
  if (existing.payment) return 'paid';
  if (existing.state === 'USERPAYING' && existing.request === request) return 'paying';
  if (existing.state === 'REVOKED') return 'reversed';
  return existing.state === 'CLOSED' ? 'closed' : 'used';
}

function newCharge(request: ChargeRequest, { payer, afterMs, couponFen, openid }: AuthCode, now: number): Trade {
  const trade = newTrade({ ...request, payerOpenid: openid, tradeType: 'MICROPAY', notifyUrl: undefined }, now);
  if (payer === 'pays') return trade;
  const dueAt = payer === 'silent' ? null : now + afterMs;
  return {
    ...trade,
    state: 'USERPAYING',
    prompt: { ends: payer === 'refuses' ? 'refused' : 'paid', dueAt, couponFen },
  };
}

function reverseRefusal(trade: Trade, now: number, accounts: Accounts): ReverseRefusal | undefined {
  const { balanceFen, reverseAfterMs } = accounts.of(trade.mchid);
  if (trade.tradeType !== 'MICROPAY') return 'otherProduct';
  if (trade.state === 'REVOKED') return undefined;
  if (now - trade.createdAt > reversibleMs) return 'tooLate';
  if (now - trade.createdAt < reverseAfterMs) return 'tooSoon';
  if (trade.state === 'REFUND') return 'refunded';
  return trade.payment && balanceFen !== null && balanceFen < trade.payment.totalFen ? 'notEnough' : undefined;
}
