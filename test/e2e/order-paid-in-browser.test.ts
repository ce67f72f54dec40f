import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { OrderView } from '../../src/orders/api/order-schema.js';
import { readQr } from '../checkout/support/read-qr.js';
import { BROWSER_PATIENCE_MS, canBrowse, launchBrowser } from '../support/browser.js';
import { newOrderNo, startTestStack, type TestStack } from '../support/dev-stack.js';

describe.skipIf(!canBrowse())('an order is paid in a browser, 375 pixels wide', () => {
  let stack: TestStack;
  let browser: Browser;
  let context: BrowserContext;
  let complaints: string[];
  beforeAll(async () => {
    [stack, browser] = await Promise.all([startTestStack(), launchBrowser()]);
  });
  afterAll(async () => {
    await browser.close();
    await stack.stop();
  });
  beforeEach(async () => {
    context = await browser.newContext({ viewport: { width: 375, height: 740 }, locale: 'zh-CN' });
    context.setDefaultTimeout(BROWSER_PATIENCE_MS);
    complaints = [];
    onTestFinished(async () => {
      await context.close();
      expect(complaints).toEqual([]);
    });
  });

  /** Whatever goes wrong in a page fails the test. */
  async function open(url: string): Promise<Page> {
    const page = await context.newPage();
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(url);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(375);
    return page;
  }

  async function createOrder(fields: object = {}): Promise<OrderView> {
    const body = {
      orderNo: newOrderNo(),
      amountFen: 12_345,
      description: '龙井茶 250 g',
      product: 'native',
      ...fields,
    };
    return stack.place(body);
  }

  const untilStatus = (page: Page, status: string) => page.waitForSelector(`#status[data-status="${status}"]`);

  /** As a phone does: what is on the screen, looked up, the amount looked at, paid. */
  async function payByPhone(code: string): Promise<void> {
    const phone = await open(`${stack.dev.sandboxUrl}/sandbox/phone?code=${encodeURIComponent(code)}`);
    await payWhatIsShown(phone);
  }
  async function payWhatIsShown(phone: Page): Promise<void> {
    await phone.waitForSelector('#bill:not([hidden])');
    expect(await phone.textContent('#amount')).toBe('¥123.45');
    await phone.click('#pay');
    await phone.waitForSelector('#result[data-result="paid"]');
  }

  async function expectPaid(orderNo: string): Promise<void> {
    const { body } = await stack.api('GET', `/v1/orders/${orderNo}`);
    expect(body).toMatchObject({ state: 'paid', paidFen: 12_345, attempts: [{ state: 'succeeded' }] });
  }

  test('the phone reads the code off the page, and the page turns to paid by itself', async () => {
    const order = await createOrder();
    const checkout = await open(order.checkoutUrl);
    await untilStatus(checkout, 'awaiting');
    expect(await checkout.textContent('#amount')).toContain('123.45');
    const code = readQr(await checkout.locator('#qr').screenshot());
    expect(code).toBe(order.attempts[0]?.codeUrl);
    await payByPhone(code ?? '');
    await untilStatus(checkout, 'paid');
    await expectPaid(order.orderNo);
  });

  test('the notify is lost, and "I have paid" finds the payment', async () => {
    const order = await createOrder();
    const lost = { on: 'notify', outTradeNo: order.orderNo, kind: 'drop', times: 0 };
    await stack.control('POST', '/faults', [lost]);
    const checkout = await open(order.checkoutUrl);
    await payByPhone(readQr(await checkout.locator('#qr').screenshot()) ?? '');
    expect(await checkout.getAttribute('#status', 'data-status')).toBe('awaiting');
    await checkout.click('#paid-button');
    await untilStatus(checkout, 'paid');
    await expectPaid(order.orderNo);
  });

  test('an H5 payer goes to WeChat, pays, comes back and sees it paid', async () => {
    const order = await createOrder({ product: 'h5', clientIp: '203.0.113.7' });
    const lost = { on: 'notify', outTradeNo: order.orderNo, kind: 'drop', times: 0 };
    await stack.control('POST', '/faults', [lost]);
    const page = await open(order.checkoutUrl);
    await page.click('#h5-link');
    await payWhatIsShown(page);
    await page.goBack();
    await untilStatus(page, 'paid');
    await expectPaid(order.orderNo);
  });
});
