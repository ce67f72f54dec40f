import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { OrderRecord } from '../../src/orders/rules/record.js';
import { BROWSER_PATIENCE_MS, canBrowse, launchBrowser } from '../support/browser.js';
import {
  changeNumber,
  fen,
  moveRefund,
  openCode,
  payLate,
  payOrder,
  placeOrder,
  project,
  refundOrder,
  returnOrder,
} from './support/checkout-order.js';
import { createCheckoutWorld, serveCheckout, type CheckoutWorld } from './support/checkout-world.js';
import { readQr } from './support/read-qr.js';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const CODE = 'weixin://wxpay/bizpayurl/up?pr=First00&groupid=00';
const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148 Safari/604.1';
const NEXT_CODE = 'weixin://wxpay/bizpayurl/up?pr=Second0&groupid=00';

describe.skipIf(!canBrowse())('the checkout page in a browser', () => {
  let world: CheckoutWorld;
  let server: Awaited<ReturnType<typeof serveCheckout>>;
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
    world = await createCheckoutWorld({ streamHeartbeatMs: 100 });
    server = await serveCheckout(world);
  });
  beforeEach(() => {
    world.clock.aheadMs = 0;
    world.sync.mockReset().mockResolvedValue('answered');
    world.openAttempt.mockReset().mockResolvedValue('pending');
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
    await world.close();
  });

  type OpenOptions = BrowserContextOptions & { readonly expectedComplaint?: RegExp };

  /** A page whose console and network are watched: whatever goes wrong in it fails the test. */
  async function open(path: string, { expectedComplaint, ...options }: OpenOptions = {}): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 375, height: 740 }, locale: 'en-US', ...options });
    context.setDefaultTimeout(BROWSER_PATIENCE_MS);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith(server.origin)) complaints.push(`foreign request: ${request.url()}`);
    });
    onTestFinished(async () => {
      await context.close();
      expect(complaints.filter((text) => expectedComplaint?.test(text) !== true)).toEqual([]);
    });
    await page.goto(server.origin + path);
    return page;
  }

  const nativeOrder = async (
    code: Parameters<typeof openCode>[2] = {},
    changed: Parameters<typeof placeOrder>[1] = {},
  ) =>
    openCode(world.db, await placeOrder(world.db, { expiresInSeconds: 7200, ...changed }), { codeUrl: CODE, ...code });
  const openOrder = (order: OrderRecord, options?: OpenOptions) => open(world.pathOf(order), options);
  const statusOf = (page: Page) => page.getAttribute('#status', 'data-status');
  const untilStatus = (page: Page, status: string) => page.waitForSelector(`#status[data-status="${status}"]`);
  const scan = async (page: Page) => readQr(await page.locator('#qr').screenshot());

  test('a phone reads the order’s code off the screen, in light and in dark', async () => {
    const order = await nativeOrder();
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await openOrder(order, { colorScheme });
      expect(await page.textContent('#amount')).toBe('¥12.00');
      expect(await scan(page)).toBe(CODE);
    }
  });

  test('the countdown runs on the server’s time, whatever the payer’s clock says', async () => {
    world.clock.aheadMs = 3_600_000;
    const page = await openOrder(await nativeOrder());
    const seconds = async () =>
      (await page.textContent('#countdown'))?.split(':').reduce((sum, part) => sum * 60 + Number(part), 0) ?? 0;
    const before = await seconds();
    expect(before).toBeGreaterThan(3_500);
    expect(before).toBeLessThanOrEqual(3_600);
    await expect.poll(seconds).toBeLessThan(before);
  });

  test('the page turns to paid by itself and says amount and time', async () => {
    const order = await nativeOrder();
    const page = await openOrder(order, { timezoneId: 'Europe/Berlin' });
    expect(await statusOf(page)).toBe('awaiting');
    await payOrder(world.db, order, new Date('2026-03-01T12:00:00Z'));
    await untilStatus(page, 'paid');
    expect(await page.title()).toContain('Payment received');
    const text = await page.innerText('#checkout');
    expect(text).toContain('¥12.00');
    expect(text).toMatch(/Mar 1, 2026, 1:00\sPM/);
    expect(await page.locator('#paid-button, #qr, #countdown').count()).toBe(0);
  });

  test('a page that stays open sees the money go back, in part and then in full', async () => {
    const order = await nativeOrder();
    const page = await openOrder(order);
    await payOrder(world.db, order);
    await untilStatus(page, 'paid');
    const first = await refundOrder(world.db, order, 500);
    await untilStatus(page, 'refunding');
    expect(await page.innerText('.facts')).toMatch(/Being refunded\s+¥5\.00/);
    const second = await refundOrder(world.db, order, 700);
    await expect.poll(() => page.innerText('.facts')).toMatch(/Being refunded\s+¥12\.00/);
    await moveRefund(world.db, first, 'succeeded');
    await expect.poll(() => page.innerText('.facts')).toMatch(/Refunded\s+¥5\.00\s+Being refunded\s+¥7\.00/);
    await moveRefund(world.db, second, 'rejected');
    await untilStatus(page, 'partlyRefunded');
    await moveRefund(world.db, await refundOrder(world.db, order, 700), 'succeeded');
    await untilStatus(page, 'refunded');
    expect(await page.title()).toContain('Refunded in full');
    expect(await page.innerText('.facts')).toMatch(/Refunded\s+¥12\.00/);
    expect(await page.textContent('#amount')).toBe('¥12.00');
  });

  test('what came to a closed order is seen going back', async () => {
    const order = await nativeOrder();
    const page = await open(`${world.pathOf(order)}&lang=zh`);
    await payLate(world.db, order);
    await untilStatus(page, 'review');
    const refund = await returnOrder(world.db, order);
    await untilStatus(page, 'returning');
    await moveRefund(world.db, refund, 'succeeded');
    await untilStatus(page, 'returned');
    expect(await page.innerText('#checkout')).toMatch(/款项已退回[^]*已退款\s+¥12\.00/);
  });

  test('what is paid in an app, where this page has no code, is seen here too', async () => {
    const placed = await placeOrder(world.db, { product: 'app' });
    const order = await openCode(world.db, placed, { prepayId: 'wx-prepay-1' });
    const page = await openOrder(order);
    expect(await page.innerText('#panel')).toContain('Go back to the shop’s app to pay');
    await payOrder(world.db, order);
    await untilStatus(page, 'paid');
  });

  test('a press that finds nothing says so and keeps the button, one that finds the money shows it', async () => {
    const order = await nativeOrder();
    const page = await openOrder(order);
    await page.click('#paid-button');
    await page.getByText('We have not seen this payment yet').waitFor();
    expect(await page.getAttribute('#paid-button', 'aria-disabled')).toBeNull();
    world.sync.mockImplementationOnce(async () => {
      await payOrder(world.db, order);
      return 'answered';
    });
    await page.click('#paid-button');
    await untilStatus(page, 'paid');
    expect(await page.evaluate('document.activeElement.id')).toBe('checkout');
  });

  test('a code that ends is renewed under the payer’s eyes', async () => {
    const order = await nativeOrder({ expiresAt: new Date(Date.now() + 7_000_000) });
    const page = await openOrder(order);
    expect(await scan(page)).toBe(CODE);
    world.openAttempt.mockImplementationOnce(async () => {
      await openCode(world.db, order, { codeUrl: NEXT_CODE, expiresAt: new Date(Date.now() + 7_100_000) });
      return 'opened';
    });
    world.clock.aheadMs = 6_950_000;
    await expect.poll(() => scan(page)).toBe(NEXT_CODE);
    expect(world.openAttempt).toHaveBeenCalledOnce();
  });

  test('a page opened on an ended code comes with a fresh one', async () => {
    const order = await nativeOrder({ expiresAt: new Date(Date.now() - 1_000) });
    world.openAttempt.mockImplementationOnce(async () => {
      await openCode(world.db, order, { codeUrl: NEXT_CODE, expiresAt: new Date(Date.now() + 7_000_000) });
      return 'opened';
    });
    // Without a script, so that nothing but the page itself can bring it.
    const page = await openOrder(order, { javaScriptEnabled: false });
    expect(await page.locator('#renewing').count()).toBe(0);
    expect(await scan(page)).toBe(NEXT_CODE);
  });

  test('a code that comes late appears on a page that had none', async () => {
    const order = await placeOrder(world.db);
    const page = await openOrder(order);
    expect(await statusOf(page)).toBe('creating');
    await openCode(world.db, order, { codeUrl: CODE });
    await untilStatus(page, 'awaiting');
    expect(await scan(page)).toBe(CODE);
  });

  test('a number that changes under an open page takes its code along: the next one appears by itself', async () => {
    const order = await nativeOrder();
    const page = await openOrder(order);
    expect(await scan(page)).toBe(CODE);
    const next = await changeNumber(world.db, order, { state: 'closed', foreign: false });
    await page.locator('#qr').waitFor({ state: 'detached' });
    await openCode(world.db, next, { codeUrl: NEXT_CODE }, 2);
    await page.locator('#qr').waitFor();
    expect(await scan(page)).toBe(NEXT_CODE);
    expect(await statusOf(page)).toBe('awaiting');
  });

  test('a page opened on a number that somebody else used gets the code of the next one', async () => {
    const order = await placeOrder(world.db);
    const page = await openOrder(order);
    const next = await changeNumber(world.db, order, { state: 'failed', foreign: true });
    await openCode(world.db, next, { codeUrl: NEXT_CODE }, 2);
    await untilStatus(page, 'awaiting');
    expect(await scan(page)).toBe(NEXT_CODE);
  });

  test('time that runs out takes the code away before the order is closed, and then shows it closed', async () => {
    const order = await nativeOrder();
    const page = await openOrder(order);
    world.clock.aheadMs = 7_201_000;
    await untilStatus(page, 'confirming');
    expect(await page.locator('#qr').count()).toBe(0);
    const closed = { state: 'closed', closedReason: 'expired', closedAtMs: Date.now() } as const;
    await project(world.db, order, closed, { state: 'closed' });
    await untilStatus(page, 'expired');
  });

  test('the payer changes the language and stays on the order', async () => {
    const page = await openOrder(await nativeOrder());
    expect(await page.getAttribute('html', 'lang')).toBe('en');
    await page.click('#lang');
    await page.waitForSelector('html[lang="zh-CN"]');
    expect(await page.innerText('#status')).toBe('等待付款');
    expect(await scan(page)).toBe(CODE);
    expect(await (await openOrder(await nativeOrder(), { locale: 'zh-CN' })).getAttribute('html', 'lang')).toBe(
      'zh-CN',
    );
  });

  test.each([320, 360])(
    'at %i px nothing is wider than the screen and everything can be hit with a thumb',
    async (width) => {
      const order = await nativeOrder({}, { description: 'Unbreakable'.repeat(11), amountFen: fen(1_000_000_000) });
      for (const lang of ['zh', 'en']) {
        const page = await open(`${world.pathOf(order)}&lang=${lang}`, { viewport: { width, height: 640 } });
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
        for (const target of ['#paid-button', '#lang']) {
          const box = await page.locator(target).boundingBox();
          expect(Math.min(box?.height ?? 0, box?.width ?? 0)).toBeGreaterThanOrEqual(44);
        }
      }
    },
  );

  test('H5 leads to WeChat with our origin as Referer and never the token, and asks when the payer is back', async () => {
    const placed = await placeOrder(world.db, { product: 'h5', clientIp: '203.0.113.7', h5Type: 'Wap' });
    const gate = `${server.origin}/pay/assets/`;
    const order = await openCode(world.db, placed, { h5Url: `${gate}elsewhere` });
    const page = await openOrder(order, { userAgent: IPHONE });
    let referer: string | undefined;
    await page.route(`${gate}elsewhere`, async (route) => {
      referer = route.request().headers()['referer'];
      await route.fulfill({ contentType: 'text/html', body: '<link rel="icon" href="data:,">WeChat' });
    });
    await page.click('#h5-link');
    await page.getByText('WeChat', { exact: true }).waitFor();
    expect(referer).toBe(`${server.origin}/`);
    await page.goBack();
    await page.getByText('We have not seen this payment yet').waitFor();
    expect(world.sync).toHaveBeenCalledOnce();
  });

  test.each(['h5', 'jsapi'] as const)(
    '%s on a computer: a phone reads the address of this very page',
    async (product) => {
      const placed = await placeOrder(world.db, { product, openid: 'o-payer', clientIp: '203.0.113.7', h5Type: 'Wap' });
      const order = await openCode(world.db, placed, { h5Url: 'https://wx.tenpay.com/h5', prepayId: 'wx-prepay-1' });
      const page = await openOrder(order, { viewport: { width: 1280, height: 800 } });
      expect(readQr(await page.locator('#page-qr').screenshot())).toBe(world.urlOf(order));
      await payOrder(world.db, order);
      await untilStatus(page, 'paid');
    },
  );

  test('a code of H5 that ends on a computer leaves the way to the phone standing', async () => {
    const placed = await placeOrder(world.db, { product: 'h5', clientIp: '203.0.113.7', h5Type: 'Wap' });
    const order = await openCode(world.db, placed, { h5Url: 'https://wx.tenpay.com/one' });
    const page = await openOrder(order);
    expect(await page.getAttribute('#h5-link', 'href')).toBe('https://wx.tenpay.com/one');
    await openCode(world.db, order, { h5Url: 'https://wx.tenpay.com/two' });
    await expect.poll(() => page.getAttribute('#h5-link', 'href')).toBe('https://wx.tenpay.com/two');
    expect(readQr(await page.locator('#page-qr').screenshot())).toBe(world.urlOf(order));
  });

  test('the way back to the shop changes with the order, without loading the page again', async () => {
    Object.assign(world.merchant, { returnOrigins: ['https://shop.example.com'], webhook: { secrets: [SECRET] } });
    onTestFinished(() => {
      delete world.merchant.returnOrigins;
      delete world.merchant.webhook;
    });
    const order = await nativeOrder({}, { returnUrl: 'https://shop.example.com/orders?id=7' });
    const page = await openOrder(order, { expectedComplaint: /^foreign request: https:\/\/shop\.example\.com/ });
    const href = () => page.getAttribute('#back', 'href');
    expect(await href()).toContain('&paysaga_state=awaitingPayment&');
    await payOrder(world.db, order);
    await untilStatus(page, 'paid');
    expect(await href()).toContain('&paysaga_state=paid&');
    let sent: Record<string, string> = {};
    await page.route('https://shop.example.com/**', async (route) => {
      sent = { url: route.request().url(), referer: (await route.request().headerValue('referer')) ?? '' };
      await route.fulfill({ contentType: 'text/html', body: '<link rel="icon" href="data:,"><h1>The shop</h1>' });
    });
    const link = await href();
    await page.focus('#back');
    await page.keyboard.press('Enter');
    await page.getByText('The shop').waitFor();
    expect(sent).toEqual({ url: link, referer: `${server.origin}/` });
  });

  test('whoever listens hears each change of state, and nothing moves for who asks for stillness', async () => {
    const order = await nativeOrder();
    const page = await openOrder(order, { reducedMotion: 'reduce' });
    const running = () => page.evaluate<number>('document.getAnimations().length');
    expect(await page.getAttribute('#status', 'role')).toBe('status');
    await page.evaluate(`new MutationObserver(() => { window.heard = document.getElementById('status').textContent; })
      .observe(document.getElementById('status'), { childList: true, characterData: true, subtree: true })`);
    expect(await running()).toBe(0);
    await payOrder(world.db, order);
    await untilStatus(page, 'paid');
    expect(await page.evaluate('window.heard')).toBe('Payment received');
    expect(await running()).toBe(0);
    const still = await openOrder(await placeOrder(world.db));
    expect(await still.evaluate<number>('document.getAnimations().length')).toBeGreaterThan(0);
  });

  test('everything that can be pressed is reached by Tab, in the order of the page, and can be seen to be', async () => {
    Object.assign(world.merchant, { returnOrigins: ['https://shop.example.com'] });
    onTestFinished(() => {
      delete world.merchant.returnOrigins;
    });
    const page = await openOrder(await nativeOrder({}, { returnUrl: 'https://shop.example.com/' }));
    const reached: string[] = [];
    for (let n = 0; n < 4; n += 1) {
      await page.keyboard.press('Tab');
      reached.push(await page.evaluate<string>('document.activeElement.id || document.activeElement.className'));
      expect(await page.evaluate<string>('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
    }
    expect(reached).toEqual(['skip', 'lang', 'paid-button', 'back']);
  });

  test('JSAPI calls WeChat’s bridge with the signed parameters and asks after its ok', async () => {
    const placed = await placeOrder(world.db, { product: 'jsapi', openid: 'o-payer' });
    const order = await openCode(world.db, placed, { prepayId: 'wx-prepay-1' });
    const page = await openOrder(order, { userAgent: 'Mozilla/5.0 MicroMessenger/8.0.49' });
    await page.evaluate(`window.WeixinJSBridge = { invoke(name, parameters, done) {
      window.called = [name, parameters];
      done({ err_msg: 'get_brand_wcpay_request:ok' });
    } }`);
    await page.click('#jsapi-pay');
    await page.getByText('We have not seen this payment yet').waitFor();
    expect(await page.evaluate('window.called')).toEqual([
      'getBrandWCPayRequest',
      { appId: 'wx0000000000000001', package: 'prepay_id=wx-prepay-1' },
    ]);
  });

  test('without scripts the button still asks', async () => {
    const page = await openOrder(await nativeOrder(), { javaScriptEnabled: false });
    await page.click('#paid-button');
    await page.locator('#sync-answer', { hasText: 'We have not seen this payment yet' }).waitFor();
    expect(await scan(page)).toBe(CODE);
  });

  test('a line that was cut is picked up again', async () => {
    const order = await placeOrder(world.db);
    const page = await openOrder(order, { expectedComplaint: /ERR_INCOMPLETE_CHUNKED_ENCODING/ });
    const open = await openCode(world.db, order, { codeUrl: CODE });
    await untilStatus(page, 'awaiting');
    const pickedUp = page.waitForRequest((request) => request.url().includes('/stream'));
    server.cutLines();
    await payOrder(world.db, open);
    await pickedUp;
    await untilStatus(page, 'paid');
  });
});
