import type { Context } from 'hono';
import { setTimeout as delay } from 'node:timers/promises';
import { loadOrder } from '../orders/store/order.js';
import type { OrderRecord } from '../orders/rules/record.js';
import type { IngressEnv } from '../http/kit/route.js';
import type { Invoke } from '../channels/port.js';
import { accessOrder, isInWechat, languageOf, statusOf, tokenOf } from './access.js';
import type { CheckoutDeps } from './deps.js';
import type { Language } from '../base/language.js';
import { NoticePage } from './document.js';
import { CheckoutPage } from './page.js';
import type { PageModel } from './page-model.js';
import { isLive, payerView, qrSvg, shownAttempt, type PayerView } from './payer-view.js';
import type { Renewal } from './renewal.js';
import { SYNC_ANSWERS } from './text.js';
import { checkoutUrl } from './link.js';

/** Then the page comes without a fresh code, and the stream brings it. */
const RENEWAL_WAIT_MS = 2_500;

export function getPage(deps: CheckoutDeps, renew: Renewal) {
  return async (c: Context<IngressEnv>): Promise<Response> => {
    const language = languageOf(c);
    const access = await accessOrder(deps, c);
    if (!access.ok) {
      return c.html(<NoticePage language={language} notice={access.error} />, statusOf(access.error));
    }
    const order = await withFreshCode(deps, renew, access.value);
    return c.html(<CheckoutPage model={await pageModel(deps, c, order, language)} />);
  };
}

async function withFreshCode(deps: CheckoutDeps, renew: Renewal, order: OrderRecord): Promise<OrderRecord> {
  const waiting = new AbortController();
  const asked = await Promise.race([
    renew(order),
    delay(RENEWAL_WAIT_MS, 'asked' as const, { signal: waiting.signal }),
  ]).finally(() => waiting.abort());
  return asked === 'nothing' ? order : ((await loadOrder(deps.db, order)) ?? order);
}

async function pageModel(
  deps: CheckoutDeps,
  c: Context<IngressEnv>,
  order: OrderRecord,
  language: Language,
): Promise<PageModel> {
  const now = deps.now();
  const view = payerView(order, now);
  const inWechat = isInWechat(c);
  const opensInWechat = view.status === 'awaiting' && view.product === 'jsapi' && !inWechat;
  return {
    view,
    orderNo: order.orderNo,
    description: order.description,
    merchantName: deps.merchantName?.(order.mchid),
    token: tokenOf(c),
    language,
    now,
    codeSvg: view.codeUrl === null ? null : await qrSvg(view.codeUrl),
    pageSvg: opensInWechat ? await qrSvg(checkoutUrl(deps.publicUrl(), deps.checkoutKey, order)) : null,
    invoke: inWechat ? invokeOf(deps, order, view, now) : null,
    inWechat,
    answer: SYNC_ANSWERS.find((answer) => answer === c.req.query('asked')),
  };
}

function invokeOf(deps: CheckoutDeps, order: OrderRecord, view: PayerView, now: Date): Invoke | null {
  const attempt = shownAttempt(order);
  if (view.status !== 'awaiting' || attempt?.product !== 'jsapi' || attempt.prepayId === null) return null;
  if (!isLive(attempt, now)) return null;
  const { product, appid, prepayId } = attempt;
  return deps.gateways.for(order.mchid)?.invoke({ product, appid, prepayId }) ?? null;
}
