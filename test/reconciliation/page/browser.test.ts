import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MCHID, OTHER_MCHID, useTestApp } from '../../http/support/test-app.js';
import { DESKTOP, openPage, PHONE, serveOps } from '../../ops/support/browsing.js';
import { canBrowse, launchBrowser } from '../../support/browser.js';
import { NOW } from '../books.js';
import { DIFFERS, HOSTILE, seedDays } from './seed.js';

const SIZES = [
  ['on a desktop', DESKTOP],
  ['on a phone', PHONE],
] as const;

describe.skipIf(!canBrowse())('days of bills in a browser', () => {
  const ingress = useTestApp();
  let browser: Browser;
  let key: string;
  beforeAll(async () => {
    browser = await launchBrowser();
    ingress.reset();
    key = (await ingress.newKey('operator', [MCHID, OTHER_MCHID], 'Han Meimei')).key;
    await seedDays(ingress);
  });
  afterAll(() => browser.close());

  async function signIn(path: string, options: Parameters<typeof openPage>[2]): Promise<Page> {
    ingress.clock.now = NOW;
    const origin = await serveOps(ingress);
    const page = await openPage(browser, `${origin}${path}`, options);
    await page.fill('#key', key);
    await page.click('button.primary');
    await page.waitForURL(`${origin}${path}`);
    return page;
  }

  const fits = async (page: Page) =>
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);

  const tooSmall = (page: Page) =>
    page.evaluate<
      string[]
    >(`[...document.querySelectorAll('main a, main button, main select, main input:not([type=hidden])')]
      .filter((it) => it.checkVisibility() && !it.matches('.tick input'))
      .filter((it) => it.getBoundingClientRect().height < 44 || it.getBoundingClientRect().width < 44)
      .map((it) => it.outerHTML)`);

  it.each(SIZES)('%s goes from the month to the day, to a discrepancy, and accepts it', async (name, viewport) => {
    const page = await signIn(`/ops/reconciliation?month=2026-05`, { viewport });
    await fits(page);
    await page.click(`[data-date="${DIFFERS}"] .day-head a`);
    await page.waitForSelector('#day[data-state="differs"]');
    await fits(page);
    await page.click('[data-class="foreign"] a');
    await page.waitForSelector('#lines[data-class="foreign"]');
    expect(await page.innerText('#lines td bdi')).toContain(HOSTILE.slice(0, 20));
    await fits(page);
    await page.goBack();
    await page.click('#open a >> text=/fee|number/');
    await page.waitForSelector('#discrepancies');
    await fits(page);
    if (viewport === PHONE) expect(await tooSmall(page)).toEqual([]);
    await page.locator('#discrepancies .button.small').first().click();
    await page.waitForSelector('#decide');
    await fits(page);
    await page.click('#submit');
    expect(await page.evaluate('document.querySelector("main :invalid:not(form, fieldset)").name')).toBe('action');
    await page.check('[value="accept"]');
    await page.fill('#reason', `looked at ${name}`);
    await page.click('#submit');
    await page.waitForSelector('#flash[data-flash="accept"]');
    expect(await page.innerText('#discrepancy')).toContain(`looked at ${name}`);
    await fits(page);
  });

  it.each(SIZES)(
    '%s the filter stands in one line, or one line a field, and no word is broken',
    async (_name, viewport) => {
      const page = await signIn(`/ops/reconciliation/discrepancies`, { viewport });
      const lines =
        await page.evaluate<number>(`new Set([...document.querySelectorAll('#filter select, #filter input, #filter button')]
      .map((it) => { const { top, height } = it.getBoundingClientRect(); return Math.round((top + height / 2) / 8); })).size`);
      expect(lines).toBe(viewport === PHONE ? 6 : 1);
      const widths = await page.evaluate<number[]>(`[...document.querySelectorAll('#filter select, #filter button')]
      .map((it) => Math.round(it.getBoundingClientRect().width))`);
      if (viewport === PHONE) expect(new Set(widths).size).toBe(1);
      const broken = await page.evaluate<string[]>(`[...document.querySelectorAll('main .chip, main .button')]
      .filter((it) => it.childElementCount === 0 && !it.textContent.trim().includes(' '))
      .filter((it) => { const range = document.createRange(); range.selectNodeContents(it); return range.getClientRects().length > 1; })
      .map((it) => it.textContent)`);
      expect(broken).toEqual([]);
    },
  );

  it.each(SIZES)('%s reads what was taken, in charts and numbers', async (_name, viewport) => {
    const page = await signIn(`/ops/statements?from=2026-05-01&to=2026-05-31`, { viewport });
    await page.waitForSelector('#charts[data-drawn="3"]');
    await fits(page);
    const drawn = await page.evaluate<number[]>(`[...document.querySelectorAll('.plot canvas')].map((canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return data.filter((value, n) => n % 4 === 3 && value > 0).length;
    })`);
    expect(drawn.filter((points) => points > 500).length).toBe(3);
    await page.locator('#chart-product summary').click();
    expect(await page.innerText('#chart-table-product')).toContain('¥3.00');
    await page.selectOption('select[name="groupBy"]', 'appid');
    await page.click('#period button');
    await page.waitForSelector('#statement[data-group-by="appid"]');
    await fits(page);
    if (viewport === PHONE) expect(await tooSmall(page)).toEqual([]);
  });

  it('without scripts a day is run from the month, and a refused one says why', async () => {
    const page = await signIn(`/ops/reconciliation`, { viewport: PHONE, javaScriptEnabled: false });
    await page.fill('#date', '2026-05-20');
    await page.click('#run');
    await page.waitForSelector('#day[data-state="waiting"] #flash[data-flash="run"]');
    expect(ingress.reconciliations.callsOf('wake')).toMatchObject([{ mchid: MCHID, date: '2026-05-20' }]);
    await page.click('#run');
    await page.waitForSelector('#flash[data-flash="joined"]');
  });
});
