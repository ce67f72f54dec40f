import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { OrderRecord } from '../../src/orders/rules/record.js';
import { expectAccessibleIn } from '../support/accessible.js';
import { BROWSER_PATIENCE_MS, canBrowse, launchBrowser } from '../support/browser.js';
import {
  moveRefund,
  openCode,
  payLate,
  payOrder,
  placeOrder,
  project,
  refundOrder,
  reload,
  returnOrder,
} from './support/checkout-order.js';
import { createCheckoutWorld, serveCheckout, type CheckoutWorld } from './support/checkout-world.js';

const RETURN_URL = 'https://shop.example.com/orders?id=7';
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
const CODE = { codeUrl: 'weixin://wxpay/bizpayurl/up?pr=First00&groupid=00' };
const WECHAT = 'Mozilla/5.0 (iPhone) MicroMessenger/8.0.49';
const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148 Safari/604.1';

describe.skipIf(!canBrowse())('the checkout page is for everybody', () => {
  let world: CheckoutWorld;
  let server: Awaited<ReturnType<typeof serveCheckout>>;
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
    world = await createCheckoutWorld();
    const logo = {
      type: 'image/png',
      bytes: new Uint8Array(Buffer.from(PIXEL, 'base64')),
      hash: 'abcdef012345',
    } as const;
    Object.assign(world.merchant, {
      display: { name: { zh: '茶铺', en: 'The Tea Shop' }, logo },
      returnOrigins: ['https://shop.example.com'],
    });
    server = await serveCheckout(world);
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
    await world.close();
  });

  async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext(options);
    onTestFinished(() => context.close());
    context.setDefaultTimeout(BROWSER_PATIENCE_MS);
    const page = await context.newPage();
    await page.goto(server.origin + path);
    return page;
  }

  async function expectForEverybody(path: string, about: string, options?: BrowserContextOptions): Promise<void> {
    for (const lang of ['zh', 'en'] as const) {
      const page = await open(`${path}${path.includes('?') ? '&' : '?'}lang=${lang}`, options);
      expect(await page.getAttribute('html', 'lang')).toBe(lang === 'zh' ? 'zh-CN' : 'en');
      await expectAccessibleIn(page, lang, about);
    }
  }

  type Changed = Parameters<typeof placeOrder>[1];
  const placed = (changed: Changed = {}) => placeOrder(world.db, { returnUrl: RETURN_URL, ...changed });
  const opened = async (changed: Changed = {}, code: Parameters<typeof openCode>[2] = CODE) =>
    openCode(world.db, await placed(changed), code);
  const paid = async (): Promise<OrderRecord> => {
    const order = await opened();
    await payOrder(world.db, order);
    return reload(world.db, order);
  };
  const refunded = async (amountFen: number, state?: 'succeeded') => {
    const order = await paid();
    const refund = await refundOrder(world.db, order, amountFen);
    if (state !== undefined) await moveRefund(world.db, refund, state);
    return order;
  };
  const projected = async (
    changed: Parameters<typeof project>[2],
    attempt: Parameters<typeof project>[3] = {},
    order?: OrderRecord,
  ) => {
    order ??= await opened();
    await project(world.db, order, changed, attempt);
    return order;
  };
  const late = async (step: 'review' | 'returning' | 'returned') => {
    const order = await opened();
    await payLate(world.db, order);
    if (step === 'review') return order;
    const refund = await returnOrder(world.db, order);
    if (step === 'returned') await moveRefund(world.db, refund, 'succeeded');
    return order;
  };
  const closed = (closedReason: 'expired' | 'cancelled' | 'rejected') =>
    projected({ state: 'closed', closedReason, closedAtMs: Date.now() }, { state: 'closed' });
  const h5 = () => opened({ product: 'h5', clientIp: '203.0.113.7', h5Type: 'Wap' }, { h5Url: `${server.origin}/h5` });
  const jsapi = () => opened({ product: 'jsapi', openid: 'o-payer' }, { prepayId: 'wx-prepay-1' });

  test.each<[string, () => Promise<OrderRecord>, BrowserContextOptions?]>([
    ['creating', () => placed()],
    ['stuck', async () => projected({ stuckReason: 'gateway_unreachable' }, {}, await placed())],
    ['awaiting', () => opened()],
    ['awaiting', () => opened(), { userAgent: WECHAT }],
    ['awaiting', () => opened({}, { ...CODE, expiresAt: new Date(Date.now() - 1_000) })],
    ['awaiting', h5],
    ['awaiting', h5, { userAgent: IPHONE }],
    ['awaiting', h5, { userAgent: WECHAT }],
    ['awaiting', jsapi],
    ['awaiting', jsapi, { userAgent: IPHONE }],
    ['awaiting', jsapi, { userAgent: WECHAT }],
    ['awaiting', () => opened({ product: 'miniProgram', openid: 'o-payer' }, { prepayId: 'p' })],
    ['confirming', () => opened({ createdAt: new Date(Date.now() - 901_000) })],
    ['closing', () => projected({ ending: 'cancelled' })],
    ['paid', paid],
    ['refunding', () => refunded(500)],
    ['partlyRefunded', () => refunded(500, 'succeeded')],
    ['refunded', () => refunded(1200, 'succeeded')],
    ['expired', () => closed('expired')],
    ['cancelled', () => closed('cancelled')],
    ['closed', () => closed('rejected')],
    ['review', () => late('review')],
    ['returning', () => late('returning')],
    ['returned', () => late('returned')],
  ])('where it shows an order that is %s', async (status, make, options) => {
    const path = world.pathOf(await make());
    const page = await open(path, options);
    expect(await page.getAttribute('#status', 'data-status')).toBe(status);
    await expectForEverybody(path, status, options);
  });

  test('where it shows no order', async () => {
    await expectForEverybody('/pay/nothing-here?t=x', 'not found');
    const ended = await placed({ createdAt: new Date(Date.now() - 86_400_000 - 901_000) });
    await expectForEverybody(world.pathOf(ended), 'gone');
  });

  test('also while the database does not answer', async () => {
    const broken = await createCheckoutWorld();
    const order = await openCode(broken.db, await placeOrder(broken.db), CODE);
    const away = await serveCheckout(broken);
    await broken.close();
    onTestFinished(() => away.close());
    const page = await open('/pay/nothing-here');
    await page.goto(`${away.origin}${broken.pathOf(order)}&lang=en`);
    expect(await page.innerText('h1')).toBe('Not available right now');
    await expectAccessibleIn(page, 'en', 'unavailable');
  });
});
