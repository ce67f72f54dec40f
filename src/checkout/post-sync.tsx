import type { Context } from 'hono';
import { createKeyedRate, wholeSeconds, type KeyedRate } from '../base/rate.js';
import { loadOrder } from '../orders/store/order.js';
import { isFinal } from '../orders/rules/states.js';
import type { OrderRecord } from '../orders/rules/record.js';
import { TemporalUnavailable } from '../temporal/call.js';
import { describeError } from '../base/describe-error.js';
import type { IngressEnv } from '../http/kit/route.js';
import { accessOrder, languageOf, refuse, statusOf, tokenOf } from './access.js';
import type { CheckoutDeps } from './deps.js';
import { NoticePage } from './document.js';
import { pageLinks } from './page-model.js';
import { payerEvent, payerView } from './payer-view.js';
import type { SyncAnswer } from './text.js';

const RETRY_SECONDS = 5;

type Asked = { readonly answer: SyncAnswer; readonly order: OrderRecord; readonly retryAfterSeconds: number };

/** After three presses at once, the order's own rhythm of queries. */
const PRESSES = { burst: 3, intervalMs: 5_000 };

/**
 * "I have paid": WeChat Pay is asked now. The script gets the payer's view; a form sent without one goes back to the page.
 * The token in the address stands for the payer, no cookie does, so another site cannot press this button.
 */
export function postSync(deps: CheckoutDeps) {
  const presses = createKeyedRate(PRESSES, deps.now);
  return async (c: Context<IngressEnv>): Promise<Response> => {
    const wantsPage = c.req.header('Accept')?.includes('text/html') ?? false;
    const access = await accessOrder(deps, c);
    if (!access.ok && wantsPage) {
      const page = <NoticePage language={languageOf(c)} notice={access.error} base="../" />;
      return c.html(page, statusOf(access.error));
    }
    if (!access.ok) return refuse(c, access.error);
    const asked = await ask(deps, presses, access.value);
    return wantsPage ? backToPage(c, asked) : answerScript(deps, c, asked);
  };
}

async function ask(deps: CheckoutDeps, presses: KeyedRate, order: OrderRecord): Promise<Asked> {
  const { mchid, orderNo } = order;
  if (isFinal(order.state)) return { answer: 'unseen', order, retryAfterSeconds: 0 };
  const waitMs = presses.waitMs(`${mchid}/${orderNo}`);
  if (waitMs > 0) return { answer: 'later', order, retryAfterSeconds: wholeSeconds(waitMs) };
  presses.count(`${mchid}/${orderNo}`);
  try {
    await deps.orders.sync({ mchid, orderNo });
  } catch (error) {
    if (!(error instanceof TemporalUnavailable)) throw error;
    deps.log.warn({ error: describeError(error), mchid, orderNo }, 'a payer asked and Temporal could not be reached');
    return { answer: 'unavailable', order, retryAfterSeconds: RETRY_SECONDS };
  }
  return { answer: 'unseen', order: (await loadOrder(deps.db, order)) ?? order, retryAfterSeconds: 0 };
}

async function answerScript(deps: CheckoutDeps, c: Context<IngressEnv>, asked: Asked): Promise<Response> {
  if (asked.answer === 'later') return refuse(c, 'rate_limited', asked.retryAfterSeconds);
  if (asked.answer === 'unavailable') return refuse(c, 'unavailable', asked.retryAfterSeconds);
  const now = deps.now();
  return c.json(await payerEvent(payerView(asked.order, now), now));
}

function backToPage(c: Context<IngressEnv>, asked: Asked): Response {
  const place = { orderNo: asked.order.orderNo, token: tokenOf(c), language: languageOf(c) };
  return c.redirect(`../${pageLinks(place).page}&asked=${asked.answer}`, 303);
}
