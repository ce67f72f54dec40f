import { Hono, type Context, type MiddlewareHandler } from 'hono';
import { setMaxListeners } from 'node:events';
import { within } from '../base/within.js';
import { isUnavailable } from '../db/failure.js';
import { describeError } from '../base/describe-error.js';
import { PAGE_POLICY, serveAssets } from '../http/kit/assets.js';
import type { IngressEnv } from '../http/kit/route.js';
import {
  accessOrder,
  accessRef,
  isInWechat,
  isOnPhone,
  languageOf,
  refuse,
  statusOf,
  tokenOf,
  type CheckoutDeps,
  type PageMerchant,
} from './access.js';
import { ASSETS } from './assets.js';
import { NoticePage } from './document.js';
import { getStream } from './get-stream.js';
import { createRenewal, type Renewal } from './renewal.js';
import { loadOrder } from '../orders/store/order.js';
import type { OrderRecord } from '../orders/rules/record.js';
import type { Invoke } from '../channels/port.js';
import type { Language } from '../base/language.js';
import { CheckoutPage } from './page.js';
import { pageLinks, type PageModel, type Shop } from './page-model.js';
import { isLive, payerEvent, payerView, qrSvg, shownAttempt, type PayerView } from './payer-view.js';
import { SYNC_ANSWERS, type SyncAnswer } from './text.js';
import { checkoutUrl } from './link.js';
import { returnLink } from './return-link.js';
import { createKeyedRate, wholeSeconds, type KeyedRate } from '../base/rate.js';
import { isFinal } from '../orders/rules/states.js';
import { TemporalUnavailable } from '../temporal/call.js';

const RETRY_SECONDS = 5;

/** All under `/pay/`; mounted at the root. */
export function checkoutRoutes(deps: CheckoutDeps): Hono<IngressEnv> {
  // Every open stream listens for the stop; Node takes more than ten for a leak.
  if (deps.stopping !== undefined) setMaxListeners(0, deps.stopping);
  const renew = createRenewal(deps);
  const routes = new Hono<IngressEnv>();
  routes.use('/pay/*', pageHeaders);
  serveAssets(routes, '/pay/assets', ASSETS);
  routes.get('/pay/:orderNo', getPage(deps, renew));
  routes.get('/pay/:orderNo/logo', getLogo(deps));
  routes.get('/pay/:orderNo/stream', getStream(deps, renew));
  routes.post('/pay/:orderNo/sync', postSync(deps));
  routes.onError((error, c) => {
    const isKnown = isUnavailable(error);
    const line = { requestId: c.get('requestId'), error: describeError(error) };
    deps.log[isKnown ? 'warn' : 'error'](line, 'a checkout request failed');
    if (isKnown) c.header('Retry-After', String(RETRY_SECONDS));
    if (c.req.header('Accept')?.includes('text/html') !== true)
      return refuse(c, isKnown ? 'unavailable' : 'internal_error');
    // From `/pay/<orderNo>/sync` the assets are one folder up.
    const base = /\/pay\/[^/]+\/[^/]+$/.test(c.req.path) ? '../' : '';
    const notice = isKnown ? 'unavailable' : 'failed';
    return c.html(<NoticePage language={languageOf(c)} notice={notice} base={base} />, isKnown ? 503 : 500);
  });
  return routes;
}

/** Nothing is inline or foreign. The Referer carries the origin, which H5 payment checks, and never the token. */
const pageHeaders: MiddlewareHandler<IngressEnv> = async (c, next) => {
  await next();
  c.header('Content-Security-Policy', isInWechat(c) ? `${PAGE_POLICY}; ${WECHAT_FRAMES}` : PAGE_POLICY);
  c.header('Referrer-Policy', 'strict-origin');
  c.header('X-Content-Type-Options', 'nosniff');
  c.header('X-Frame-Options', 'DENY');
  c.header('X-Robots-Tag', 'noindex, nofollow');
  if (!c.res.headers.has('Cache-Control')) c.header('Cache-Control', 'no-store');
};

/** WeChat's own browser lends the page its bridge through frames of these schemes. */
const WECHAT_FRAMES = 'frame-src weixin: weixinping: weixinpreinject:';

/** Then the stream brings the fresh code. */
const RENEWAL_WAIT_MS = 2_500;

function getPage(deps: CheckoutDeps, renew: Renewal) {
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
  const asked = await within(RENEWAL_WAIT_MS, renew(order), 'asked' as const);
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
  const onPhone = isOnPhone(c);
  const merchant = deps.merchants.of(order.mchid) ?? {};
  return {
    view,
    orderNo: order.orderNo,
    description: order.description,
    token: tokenOf(c),
    language,
    now,
    codeSvg: view.codeUrl === null ? null : await qrSvg(view.codeUrl),
    shop: shopOf(merchant, language),
    returnLink: returnLink(merchant, order, now),
    pageSvg:
      !inWechat && !onPhone && isPaidElsewhere(view)
        ? await qrSvg(checkoutUrl(deps.publicUrl(), deps.checkoutKey, order))
        : null,
    invoke: inWechat ? invokeOf(deps, order, view, now) : null,
    inWechat,
    onPhone,
    answer: SYNC_ANSWERS.find((answer) => answer === c.req.query('asked')),
  };
}

/** In WeChat, or in a phone's browser. */
const isPaidElsewhere = ({ status, product }: PayerView): boolean =>
  status === 'awaiting' && (product === 'jsapi' || product === 'h5');

const shopOf = ({ display }: PageMerchant, language: Language): Shop | null =>
  display ? { name: display.name[language], logo: display.logo } : null;

/** The page asks by the picture's hash, so a browser keeps it as long as it is the same. */
function getLogo(deps: CheckoutDeps) {
  return (c: Context<IngressEnv>): Response => {
    const ref = accessRef(deps, c);
    if (!ref.ok) return refuse(c, ref.error);
    const logo = deps.merchants.of(ref.value.mchid)?.display?.logo;
    if (!logo) return refuse(c, 'not_found');
    const cached = { 'Cache-Control': 'private, max-age=31536000, immutable' };
    return c.body(logo.bytes, 200, { 'Content-Type': logo.type, ...cached });
  };
}

function invokeOf(deps: CheckoutDeps, order: OrderRecord, view: PayerView, now: Date): Invoke | null {
  const attempt = shownAttempt(order);
  if (view.status !== 'awaiting' || attempt?.product !== 'jsapi' || attempt.prepayId === null) return null;
  if (!isLive(attempt, now)) return null;
  const { product, appid, prepayId } = attempt;
  return deps.gateways.for(order.mchid)?.invoke({ product, appid, prepayId }) ?? null;
}

type Asked = { readonly answer: SyncAnswer; readonly order: OrderRecord; readonly retryAfterSeconds?: number };

/** After three presses at once, the order's own rhythm of queries. */
const PRESSES = { burst: 3, intervalMs: 5_000 };

/** "I have paid": asks WeChat Pay now. The address's token stands for the payer, so another site cannot press the button. */
function postSync(deps: CheckoutDeps) {
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
  if (isFinal(order.state)) return { answer: 'unseen', order };
  const waitMs = presses.waitMs(`${mchid}/${orderNo}`);
  if (waitMs > 0) return { answer: 'later', order, retryAfterSeconds: wholeSeconds(waitMs) };
  presses.count(`${mchid}/${orderNo}`);
  try {
    await deps.orders.sync({ mchid, orderNo });
  } catch (error) {
    if (!(error instanceof TemporalUnavailable)) throw error;
    deps.log.warn({ error: describeError(error), mchid, orderNo }, 'a payer asked and Temporal could not be reached');
    return { answer: 'unavailable', order };
  }
  return { answer: 'unseen', order: (await loadOrder(deps.db, order)) ?? order };
}

async function answerScript(deps: CheckoutDeps, c: Context<IngressEnv>, asked: Asked): Promise<Response> {
  if (asked.answer === 'later') return refuse(c, 'rate_limited', asked.retryAfterSeconds);
  if (asked.answer === 'unavailable') return refuse(c, 'unavailable', RETRY_SECONDS);
  const now = deps.now();
  return c.json(await payerEvent(payerView(asked.order, now), now));
}

function backToPage(c: Context<IngressEnv>, asked: Asked): Response {
  const place = { orderNo: asked.order.orderNo, token: tokenOf(c), language: languageOf(c) };
  return c.redirect(`../${pageLinks(place).page}&asked=${asked.answer}`, 303);
}
