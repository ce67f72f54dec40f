import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OrderView } from '../../src/orders/api/order-schema.js';
import { BROWSER_PATIENCE_MS, canBrowse, launchBrowser } from '../support/browser.js';
import { startEntry } from '../support/command.js';
import { newOrderNo, stackEnvironment, useStack } from '../support/dev-stack.js';

const ORDERS = 8;
const AMOUNT_FEN = 1_234;
const SUM = '98.72';
const REFUSED = { on: 'query', times: 0, kind: 'error', status: 403, code: 'NO_AUTH', effect: false };

type Timeline = { readonly items: readonly { readonly kind: string; readonly reason: string | null }[] };

/** WeChat Pay refuses the merchant; its orders get stuck, and whoever is called has one tool to put that right. */
describe("the operator's day", () => {
  const stack = useStack();
  let browser: Browser | undefined;
  beforeAll(async () => {
    if (canBrowse()) browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
  });

  async function stuckOrders(): Promise<readonly string[]> {
    const orderNos = Array.from({ length: ORDERS }, newOrderNo);
    await Promise.all(orderNos.map(place));
    await refuse(orderNos);
    await Promise.all(orderNos.map((orderNo) => stack.api('POST', `/v1/orders/${orderNo}/sync`)));
    await Promise.all(orderNos.map((orderNo) => stack.orderWhen(orderNo, isStuck)));
    return orderNos;
  }
  const refuse = (orderNos: readonly string[]) =>
    stack.control(
      'POST',
      '/faults',
      orderNos.map((outTradeNo) => ({ ...REFUSED, outTradeNo })),
    );
  async function place(orderNo: string): Promise<void> {
    const body = { orderNo, amountFen: AMOUNT_FEN, description: 'Tea', product: 'native' };
    await stack.place(body);
  }
  const isStuck = ({ stuckReason }: OrderView): boolean => stuckReason === 'merchant_config';
  const repair = () => stack.control('DELETE', '/faults');
  const each = <T>(orderNos: readonly string[], read: (orderNo: string) => Promise<T>) =>
    Promise.all(orderNos.map(read));
  const expiryOf = async (orderNo: string) => {
    const { body } = await stack.api('GET', `/v1/orders/${orderNo}`);
    return Date.parse(body.expiresAt) - Date.parse(body.createdAt);
  };
  async function actionsOf(orderNo: string): Promise<readonly (readonly [string, string | null])[]> {
    const { body } = await stack.api<Timeline>(
      'GET',
      `/v1/orders/${orderNo}/timeline`,
      undefined,
      stack.dev.operatorKey,
    );
    return body.items.filter(({ kind }) => kind.startsWith('action.')).map(({ kind, reason }) => [kind, reason]);
  }
  const whenUnstuck = (orderNo: string) =>
    stack.orderWhen(orderNo, ({ state, stuckReason }) => state === 'awaitingPayment' && stuckReason === null);

  const SEVEN_DAYS_MS = 7 * 24 * 3_600_000;
  const TWO_HOURS_MS = 2 * 3_600_000;

  test('from the command line alone: found, understood, held, rechecked and released', async () => {
    const orderNos = await stuckOrders();
    const paysaga = (...args: string[]) => startEntry('cli', args, stackEnvironment(stack.home)).exited;
    const done = async (...args: string[]) => {
      const { code, stdout, stderr } = await paysaga(...args);
      expect({ args, code, stderr: code === 0 ? '' : stderr }).toEqual({ args, code: 0, stderr: '' });
      return stdout;
    };

    const list = await done('orders', '--stuck');
    for (const orderNo of orderNos) expect(list).toContain(orderNo);
    expect(list).toContain(SUM);
    expect(await done('show', orderNos[0] ?? '')).toContain('paysaga doctor');
    await stack.control('POST', '/faults', [REFUSED]);
    const doctor = await paysaga('doctor');
    expect(doctor.code).toBe(1);
    expect(doctor.stdout).toContain('NO_AUTH');

    const filter = ['--stuck-reason', 'merchant_config'];
    // Whoever is late finds that some have mended themselves: by number, all of them are asked about.
    const these = ['--orders', orderNos.join(',')];
    const undecided = await paysaga('hold', ...filter, '--reason', 'no rights');
    expect(undecided.code).toBe(2);
    expect(await each(orderNos, expiryOf)).toEqual(orderNos.map(() => TWO_HOURS_MS));
    await done('hold', ...filter, '--reason', 'no rights', '--yes');
    expect(await each(orderNos, expiryOf)).toEqual(orderNos.map(() => SEVEN_DAYS_MS));

    await repair();
    await done('recheck', ...these, '--reason', 'rights are back', '--yes');
    await each(orderNos, whenUnstuck);
    await done('release', ...these, '--reason', 'over', '--yes');
    expect(await each(orderNos, expiryOf)).toEqual(orderNos.map(() => TWO_HOURS_MS));
    expect(JSON.parse(await done('orders', '--stuck', '--json'))).toMatchObject({ items: [] });
    expect(await actionsOf(orderNos[0] ?? '')).toEqual([
      ['action.hold', 'no rights'],
      ['action.recheck', 'rights are back'],
      ['action.release', 'over'],
    ]);
  });

  test.skipIf(!canBrowse())(
    'from the page alone, on a phone: found, understood, held, rechecked and released',
    async () => {
      const orderNos = await stuckOrders();
      if (browser === undefined) throw new Error('there is no browser');
      const context = await browser.newContext({ viewport: { width: 390, height: 844 }, locale: 'en-GB' });
      context.setDefaultTimeout(BROWSER_PATIENCE_MS);
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(error.message));

      await page.goto(`${stack.dev.apiUrl}/ops`);
      await page.fill('#key', stack.dev.operatorKey);
      await page.click('main button[type=submit]');
      await page.waitForURL(`${stack.dev.apiUrl}/ops`);
      expect(await page.textContent('main')).toContain(SUM);
      await page
        .getByRole('link', { name: orderNos[0] ?? '', exact: true })
        .first()
        .click();
      await page.waitForURL(`**/ops/orders/*/${orderNos[0]}`);
      expect(await page.textContent('main')).toContain("WeChat Pay refuses the merchant's identity or rights");

      const bulk = (fields: Record<string, string>) => runBulk(page, { ...fields, mchid: stack.dev.mchid });
      await bulk({ action: 'hold', stuckReason: 'merchant_config', reason: 'no rights' });
      expect(await each(orderNos, expiryOf)).toEqual(orderNos.map(() => SEVEN_DAYS_MS));
      await repair();
      await bulk({ action: 'recheck', orderNos: orderNos.join('\n'), reason: 'rights are back' });
      await each(orderNos, whenUnstuck);
      await bulk({ action: 'release', orderNos: orderNos.join('\n'), reason: 'over' });
      expect(await each(orderNos, expiryOf)).toEqual(orderNos.map(() => TWO_HOURS_MS));

      await page.goto(`${stack.dev.apiUrl}/ops`);
      await page.fill('input[name=q]', orderNos[1] ?? '');
      await page.keyboard.press('Enter');
      await page.waitForURL(`**/ops/orders/*/${orderNos[1]}`);
      const text = await page.textContent('main');
      for (const reason of ['no rights', 'rights are back', 'over']) expect(text).toContain(reason);
      expect(complaints).toEqual([]);
      await context.close();
    },
  );

  async function runBulk(page: Page, fields: Record<string, string>): Promise<void> {
    await page.goto(`${stack.dev.apiUrl}/ops/bulk`);
    for (const [name, value] of Object.entries(fields)) {
      if (['action', 'mchid', 'stuckReason'].includes(name)) await page.selectOption(`[name=${name}]`, value);
      else await page.fill(`form.fields [name=${name}]`, value);
    }
    await page.click('#dry-run');
    await page.waitForSelector(`#preview[data-count="${ORDERS}"]`);
    expect(await page.textContent('#preview')).toContain(SUM);
    await page.check('#confirm');
    await page.click('#run');
    await page.waitForSelector('#bulk[data-finished="true"]');
    expect(await page.textContent('#done')).toBe(String(ORDERS));
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
  }
});
