import type { Trade } from '../trade/trade.js';
import type { Trades } from '../trade/trades.js';

/** The code inside what a payer holds: a code_url, an h5_url, a `prepay_id=…` package or the bare id. */
export function parseCode(text: string | undefined): string | undefined {
  const match = /[?&](?:pr|prepay_id)=([^&#\s]+)/.exec(`?${(text ?? '').trim().replace('?', '&')}`);
  return match?.[1] ?? text?.trim();
}

export function findByCode(trades: Trades, text: string | undefined, mchid?: string): Trade | undefined {
  const code = parseCode(text);
  return code === undefined || code === '' ? undefined : trades.findByCode(mchid, code);
}
