import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finishBulk, finishBulkOrder, openBulkOrders } from '../../src/bulk/store/bulk.js';
import { canBrowse, launchBrowser } from '../support/browser.js';
import { onDatabase } from '../support/services.js';
import { MCHID, NOW, textWith, useTestApp } from '../http/support/test-app.js';
import { DESKTOP, openPage, PHONE, serveOps } from './support/browsing.js';
import { opsRows } from './support/rows.js';

const ingress = useTestApp();
/** Lately: for one that was left alone for long the card would say that nobody works. */
const since = new Date(NOW.getTime() - 200_000);

/** What the bulk's workflow does, played by the test: every order is done. */
async function workOff(id: string): Promise<void> {
  const { db } = ingress.connection;
  for (const order of await openBulkOrders(db, id, 100)) await finishBulkOrder(db, order, 'done', NOW);
  await finishBulk(db, id, NOW);
}

describe.skipIf(!canBrowse())('an operator in a browser', () => {
  let browser: Browser;
  let key: string;
  beforeAll(async () => {
    browser = await launchBrowser();
    key = (await ingress.newKey('operator', [MCHID], 'Han Meimei')).key;
  });
  afterAll(() => browser.close());

  const stuckOrder = () =>
    onDatabase(ingress.databaseUrl, (sql) =>
      opsRows(sql, MCHID).waiting({ createdAt: since, stuck: 'gateway_unreachable', since, amountFen: 45_000 }),
    );

  async function signIn(origin: string, viewport: typeof DESKTOP | typeof PHONE): Promise<Page> {
    const page = await openPage(browser, `${origin}/ops`, { viewport });
    await page.fill('#key', key);
    await page.click('button.primary');
    await page.waitForURL(`${origin}/ops`);
    return page;
  }

  const fits = async (page: Page, width: number) =>
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);

  it.each([
    ['on a desktop', DESKTOP],
    ['on a phone', PHONE],
  ] as const)(
    '%s reads why an order is stuck, rechecks it with a reason, and finds both in its timeline',
    async (_, viewport) => {
      const number = await stuckOrder();
      const origin = await serveOps(ingress);
      const page = await signIn(origin, viewport);
      await page.goto(`${origin}/ops/orders/${MCHID}/${number}`);
      expect(await page.innerText('#explain')).toContain('WeChat Pay has given no usable answer');
      expect(await page.getAttribute('#explain a.outside', 'href')).toContain(
        `/namespaces/paysaga/workflows/${encodeURIComponent(`order/${MCHID}/${number}`)}`,
      );
      await fits(page, viewport.width);
      await page.click('#do-recheck');
      await fits(page, viewport.width);
      await page.fill('#reason', 'the payer shows a receipt');
      await page.check('#confirm');
      await page.click('#submit');
      await page.waitForSelector('#flash[data-flash="recheck"]');
      const done = await page.innerText('[data-kind="action.recheck"]');
      expect(done).toContain('the payer shows a receipt');
      expect(done).toContain('Han Meimei');
      expect(ingress.orders.callsOf('recheck')).toContainEqual({ mchid: MCHID, orderNo: number });
    },
  );

  it.each([
    ['on a desktop', DESKTOP],
    ['on a phone', PHONE],
  ] as const)('%s looks at a dry run before a bulk, and watches it until it is finished', async (_, viewport) => {
    const numbers = [await stuckOrder(), await stuckOrder()];
    const origin = await serveOps(ingress);
    const page = await signIn(origin, viewport);
    await page.goto(`${origin}/ops/bulk?mchid=${MCHID}&action=hold&orderNos=${numbers.join('+')}`);
    await page.fill('#reason', 'WeChat Pay is away');
    await page.click('#dry-run');
    await page.waitForSelector('#preview[data-count="2"]');
    expect(await page.innerText('#preview')).toContain('¥900.00');
    expect(ingress.bulks.calls).toEqual([]);
    await fits(page, viewport.width);
    await page.check('#confirm');
    await page.click('#run');
    await page.waitForSelector('#bulk[data-finished="false"]');
    const id = page.url().split('/').at(-1) ?? '';
    expect(ingress.bulks.callsOf('start')).toEqual([textWith(new RegExp(`^${id}$`))]);
    await workOff(id);
    await page.waitForSelector('#bulk[data-finished="true"]');
    expect(await page.innerText('#done')).toBe('2');
    await fits(page, viewport.width);
  });

  it('without scripts does the same', async () => {
    const number = await stuckOrder();
    const origin = await serveOps(ingress);
    const page = await openPage(browser, `${origin}/ops`, { viewport: PHONE, javaScriptEnabled: false });
    await page.fill('#key', key);
    await page.click('button.primary');
    await page.goto(`${origin}/ops/orders/${MCHID}/${number}/hold`);
    await page.fill('#reason', 'the bank is slow');
    await page.check('#confirm');
    await page.click('#submit');
    await page.waitForSelector('#flash[data-flash="hold"]');
  });

  it('is kept from sending a form that is not filled in', async () => {
    const number = await stuckOrder();
    const origin = await serveOps(ingress);
    const page = await signIn(origin, DESKTOP);
    await page.goto(`${origin}/ops/orders/${MCHID}/${number}/recheck`);
    await page.click('#submit');
    expect(await page.evaluate('document.querySelector(".fields :invalid:not(fieldset)").id')).toBe('reason');
    expect(ingress.orders.callsOf('recheck')).toEqual([]);
  });
});
