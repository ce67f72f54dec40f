import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { revokeApiKey } from '../../src/access/store/api-key.js';
import { canBrowse, launchBrowser } from '../support/browser.js';
import { onDatabase } from '../support/services.js';
import { MCHID, NOW, OTHER_MCHID, useTestApp } from '../http/support/test-app.js';
import { DESKTOP, openPage, PHONE, seedDay, serveOps } from './support/browsing.js';
import { opsRows } from './support/rows.js';

const SIZES = [
  ['desktop', DESKTOP],
  ['phone', PHONE],
] as const;

const REFUSED = /the server responded with a status of (401|403|404)/;

describe.skipIf(!canBrowse())('the operator page in a browser', () => {
  const ingress = useTestApp();
  let browser: Browser;
  let key: string;
  let seeded: { readonly stuck: string; readonly paid: string };
  beforeAll(async () => {
    browser = await launchBrowser();
    key = (await ingress.newKey('operator', [MCHID, OTHER_MCHID], 'Han Meimei')).key;
    seeded = await onDatabase(ingress.databaseUrl, seedDay);
  });
  afterAll(() => browser.close());

  async function signIn(page: Page, typed = key): Promise<void> {
    await page.fill('#key', typed);
    await page.click('button.primary');
  }

  const fits = (page: Page) => page.evaluate<boolean>('document.documentElement.scrollWidth <= innerWidth');

  /** How many points of each chart are drawn: an empty canvas has none. */
  const drawn = (page: Page) =>
    page.evaluate<number[]>(`[...document.querySelectorAll('.plot canvas')].map((canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return data.filter((value, n) => n % 4 === 3 && value > 0).length;
    })`);

  test.each(SIZES)('%s: in by key, an overview with its charts, a search, and out again', async (_name, viewport) => {
    const origin = await serveOps(ingress);
    const page = await openPage(browser, `${origin}/ops`, { viewport, expected: REFUSED });
    expect(new URL(page.url()).pathname).toBe('/ops/login');
    expect(await fits(page)).toBe(true);
    await signIn(page, 'psk_live_operator_wrong');
    await page.waitForSelector('#login-problem[data-problem="wrong"]');
    expect(await page.inputValue('#key')).toBe('');
    await signIn(page, ingress.merchantKey);
    await page.waitForSelector('#login-problem[data-problem="merchant"]');
    await signIn(page);
    await page.waitForSelector('#charts[data-drawn="4"]');
    expect(new URL(page.url()).pathname).toBe('/ops');
    expect(await page.innerText('#stuck-count')).toMatch(/^Stuck orders\s*5\s*¥0\.00 at risk/);
    expect(await page.locator('#stuck tbody tr').first().getAttribute('data-order')).toBe(seeded.stuck);
    await expect.poll(async () => (await drawn(page)).filter((points) => points > 500).length).toBe(4);
    expect(await fits(page)).toBe(true);
    await page.fill('#find', `42${seeded.paid}`);
    await page.press('#find', 'Enter');
    await page.waitForURL(`**/ops/orders/${MCHID}/${seeded.paid}`);
    await page.goto(`${origin}/ops/search?q=A-4711`);
    await page.waitForURL('**/ops/orders?q=A-4711');
    expect(await page.innerText('#orders')).toBe('There are none.');
    expect(await page.inputValue('#filter input[name="q"]')).toBe('A-4711');
    expect(await fits(page)).toBe(true);
    await page.click('#sign-out');
    await page.waitForURL('**/ops/login');
    await page.goto(`${origin}/ops/stuck`);
    expect(new URL(page.url()).pathname).toBe('/ops/login');
  });

  test('on a phone, what is pressed is large enough, and rows say what their values are', async () => {
    const origin = await serveOps(ingress);
    const page = await openPage(browser, `${origin}/ops/stuck`, { viewport: PHONE });
    await signIn(page);
    await page.waitForSelector('#stuck tbody tr');
    expect(await fits(page)).toBe(true);
    const small = await page.evaluate<
      string[]
    >(`[...document.querySelectorAll('a, button, select, input:not([type=hidden])')]
      .filter((it) => it.checkVisibility() && !it.matches('.skip'))
      .filter((it) => it.getBoundingClientRect().height < 44 || it.getBoundingClientRect().width < 44)
      .map((it) => it.outerHTML)`);
    expect(small).toEqual([]);
    const label = await page.evaluate<string>(
      `getComputedStyle(document.querySelector('#stuck td'), '::before').content`,
    );
    expect(label).toBe('"Stuck for"');
    await page.goto(`${origin}/ops/orders/${MCHID}/${seeded.stuck}`);
    await page.locator('.commands summary').click();
    expect(await page.locator('.commands pre').first().isVisible()).toBe(true);
    expect(await fits(page)).toBe(true);
  });

  test.each(SIZES)(
    '%s: without scripts, orders are found by amount and words, and the way back leads back',
    async (_name, viewport) => {
      const origin = await serveOps(ingress);
      const page = await openPage(browser, `${origin}/ops`, { viewport, javaScriptEnabled: false });
      await signIn(page);
      await page.click('#paid-count a');
      await page.waitForURL('**/ops/orders?by=paid&from=*');
      expect(await page.locator('#orders tbody tr').count()).toBe(25);
      await page.click('#orders a[rel="next"]');
      await page.waitForURL('**/ops/orders?by=paid&from=*&cursor=*');
      expect(await page.locator('#orders tbody tr').first().getAttribute('data-state')).toBe('paid');
      await page.goBack();
      await page.fill('#filter input[name="q"]', 'tea');
      await page.fill('#filter input[name="amount"]', '¥12.00');
      await page.selectOption('#filter select[name="state"]', 'paid');
      await page.click('#filter button');
      await page.waitForURL('**/ops/orders?q=tea&*');
      expect(await page.locator('#orders tbody tr').count()).toBe(1);
      expect(await page.locator('#orders tbody tr').getAttribute('data-order')).toBe(seeded.paid);
      expect(await page.inputValue('#filter input[name="amount"]')).toBe('¥12.00');
      expect(await fits(page)).toBe(true);
      await page.goBack();
      await page.waitForURL('**/ops/orders?by=paid&from=*');
      await page.click('.tabs a:nth-child(2)');
      await page.waitForURL('**/ops/refunds');
      expect(await page.locator('#refunds tbody tr').count()).toBeGreaterThan(0);
      expect(await fits(page)).toBe(true);
    },
  );

  test('without scripts every number is there, and what is stuck can be filtered', async () => {
    const origin = await serveOps(ingress);
    const page = await openPage(browser, `${origin}/ops`, { javaScriptEnabled: false });
    await signIn(page);
    await page.waitForSelector('#stuck-count');
    expect(await page.locator('.plot').first().isVisible()).toBe(false);
    await page.locator('#chart-paid summary').click();
    expect(await page.innerText('#chart-table-paid')).toMatch(/notify/);
    await page.goto(`${origin}/ops/stuck`);
    await page.selectOption('select[name="reason"]', 'gateway_unreachable');
    await page.click('.filter button');
    await page.waitForURL('**/ops/stuck?mchid=&reason=gateway_unreachable');
    expect(await page.locator('#stuck tbody tr').count()).toBe(2);
  });

  test('the overview keeps itself fresh, and what somebody types or has in focus stays', async () => {
    const origin = await serveOps(ingress);
    const page = await openPage(browser, `${origin}/ops?mchid=${OTHER_MCHID}`);
    await page.clock.install();
    await signIn(page);
    await page.waitForSelector('#charts[data-drawn="4"]');
    expect(await page.innerText('#stuck-count')).toMatch(/^Stuck orders\s*1\s/);
    await onDatabase(ingress.databaseUrl, (sql) =>
      opsRows(sql, OTHER_MCHID).waiting({ createdAt: NOW, stuck: 'merchant_balance', since: NOW }),
    );
    ingress.clock.now = new Date(NOW.getTime() + 60_000);
    await page.fill('#find', 'half a num');
    await page.locator('#stuck tbody a').first().focus();
    const focused = () => page.evaluate<string | null>(`document.activeElement.getAttribute('href')`);
    const before = await focused();
    await page.clock.fastForward(16_000);
    await expect.poll(() => page.innerText('#stuck-count')).toMatch(/^Stuck orders\s*2\s/);
    expect(await page.inputValue('#find')).toBe('half a num');
    expect([before, await focused()]).toEqual([before, before]);
    expect(before).toContain('/ops/orders/');
  });

  test('a page that cannot be refreshed says so; one whose session is over leads to the door', async () => {
    const other = await ingress.newKey('operator', [MCHID], 'Li Lei');
    const origin = await serveOps(ingress);
    const page = await openPage(browser, `${origin}/ops`, { expected: /Failed to load resource|net::ERR/ });
    await page.clock.install();
    await signIn(page, other.key);
    await page.waitForSelector('#charts[data-drawn="4"]');
    await page.route('**/ops', (route) => route.abort());
    await page.clock.fastForward(16_000);
    await page.waitForSelector('#as-of.stale');
    expect(await page.innerText('#as-of')).toMatch(/^Cannot be refreshed; this is from 18:0/);
    await page.unroute('**/ops');
    await revokeApiKey(ingress.connection.db, other.record.id, NOW);
    await page.clock.fastForward(16_000);
    await page.waitForURL('**/ops/login');
  });
});
