import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readQr } from '../checkout/support/read-qr.js';
import { BROWSER_PATIENCE_MS, canBrowse, launchBrowser } from '../support/browser.js';
import { control, exchange, type Json } from './support/client.js';
import { charge, newCode, reverse } from './support/code-scan.js';
import { close, newNumber, prepay } from './support/trade.js';
import { useSandbox } from './support/use-sandbox.js';

const { sandbox, merchant } = useSandbox();

describe('the phone page over HTTP', () => {
  it('allows no script, style or connection but its own', async () => {
    const page = await exchange(sandbox.url, 'GET', '/sandbox/phone', '', {});
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toMatch(/unsafe|https?:/);
    expect(page.text).not.toMatch(/\son\w+=|style=|<script>|https?:\/\//);
    expect(page.headers['content-type']).toMatch(/^text\/html/);
    const script = await exchange(sandbox.url, 'GET', '/sandbox/phone.js', '', {});
    expect(script.headers['content-type']).toMatch(/^text\/javascript/);
  });

  it('is where an H5 link leads', async () => {
    const { json } = await prepay(sandbox, merchant, newNumber(), 'h5');
    const { pathname, search, searchParams } = new URL(String(json['h5_url']));
    const reply = await exchange(
      sandbox.url,
      'GET',
      `${pathname}${search}&redirect_url=https%3A%2F%2Fshop.example`,
      '',
      {},
    );
    expect(reply.status).toBe(302);
    expect(reply.headers.location).toMatch(/^\/sandbox\/phone\?prepay_id=/);
    const found = await exchange(
      sandbox.url,
      'GET',
      `/sandbox/phone/trade?code=${String(searchParams.get('prepay_id'))}`,
      '',
      {},
    );
    expect(found.json).toMatchObject({ totalFen: 1200, tradeType: 'MWEB' });
  });
});

describe.skipIf(!canBrowse())('the phone page in a browser, 360 pixels wide', () => {
  let browser: Browser;
  let page: Page;
  const problems: string[] = [];

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    page = await browser.newPage({ viewport: { width: 360, height: 740 }, locale: 'en-GB' });
    page.setDefaultTimeout(BROWSER_PATIENCE_MS);
    problems.length = 0;
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));
  });

  const show = (search = '') => page.goto(`${sandbox.url}/sandbox/phone${search}`);
  const codeOf = async (outTradeNo: string) => String((await prepay(sandbox, merchant, outTradeNo)).json['code_url']);
  const stateOf = async (outTradeNo: string) =>
    (await control<Json[]>(sandbox, 'GET', '/trades')).find((row) => row['out_trade_no'] === outTradeNo)?.[
      'trade_state'
    ];

  it('pays a pasted code', async () => {
    const outTradeNo = newNumber();
    await show();
    await page.fill('#code', `  ${await codeOf(outTradeNo)} `);
    await page.click('#lookup');
    await page.waitForSelector('#bill:not([hidden])');
    expect(await page.textContent('#amount')).toBe('¥12.00');
    expect(await page.textContent('#description')).toBe('龙井茶 250 g');
    expect(await page.textContent('#merchant')).toBe(merchant.mchid);
    await page.click('#pay');
    await page.waitForSelector('#result[data-result="paid"]');
    expect(await page.textContent('#result')).toMatch(/Paid\s+Transaction 42000\d{23}/);
    expect(await stateOf(outTradeNo)).toBe('SUCCESS');
    expect(await page.isDisabled('#pay')).toBe(true);
    expect(problems).toEqual([]);
  });

  it('pays an H5 link and shows the way back', async () => {
    const outTradeNo = newNumber();
    const { json } = await prepay(sandbox, merchant, outTradeNo, 'h5');
    await page.goto(`${String(json['h5_url'])}&redirect_url=${encodeURIComponent('https://shop.example/back?o=1')}`);
    await page.waitForSelector('#bill:not([hidden])');
    expect(await page.getAttribute('#back', 'href')).toBe('https://shop.example/back?o=1');
    await page.click('#pay');
    await page.waitForSelector('#result[data-result="paid"]');
    expect(await stateOf(outTradeNo)).toBe('SUCCESS');
  });

  it('says why a code cannot be paid, in either language, and does not scroll sideways', async () => {
    const outTradeNo = newNumber();
    const code = await codeOf(outTradeNo);
    await close(sandbox, merchant, outTradeNo);
    await show(`?code=${encodeURIComponent(code)}`);
    await page.waitForSelector('#result[data-result="refused"]');
    expect(await page.textContent('#result')).toBe('This trade is closed.');
    expect(await page.isDisabled('#pay')).toBe(true);
    await page.click('#language');
    expect(await page.textContent('#result')).toBe('这笔订单已关闭。');
    expect(await page.getAttribute('html', 'lang')).toBe('zh-CN');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    await page.fill('#code', 'weixin://wxpay/bizpayurl/up?pr=nothing');
    await page.click('#lookup');
    await page.waitForSelector('#bill', { state: 'hidden' });
    expect(await page.textContent('#result')).toContain('没有这个二维码');
  });

  const showCode = async (payer: string) => {
    await page.selectOption('#payer', payer);
    await page.click('#show');
    await page.waitForSelector('#shown-code:not([hidden])');
    return String(await page.textContent('#digits')).replaceAll(' ', '');
  };

  it('shows a code that can be read, and pays what it is charged', async () => {
    await show();
    const authCode = await showCode('pays');
    expect(readQr(await page.locator('#qr').screenshot())).toBe(authCode);
    const outTradeNo = newNumber();
    const { json } = await charge(sandbox, merchant, outTradeNo, authCode);
    await page.waitForSelector('#result[data-result="paid"]');
    expect(await page.textContent('#result')).toBe(`✓ Paid ¥12.00\nTransaction ${String(json['transaction_id'])}`);
    expect(await page.isHidden('#shown-code')).toBe(true);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    expect(problems).toEqual([]);
  });

  it('asks for the password, with the amount, and pays or refuses', async () => {
    await show();
    for (const [button, result, state] of [
      ['.accept', 'paid', 'SUCCESS'],
      ['.refuse', 'refused', 'PAYERROR'],
    ] as const) {
      const outTradeNo = newNumber();
      await charge(sandbox, merchant, outTradeNo, await showCode('silent'));
      await page.waitForSelector('.prompt');
      expect(await page.isHidden('#shown-code')).toBe(true);
      expect(await page.textContent('.prompt .amount')).toBe('¥12.00');
      expect(await page.textContent('.prompt .order')).toBe(outTradeNo);
      await page.click(`.prompt ${button}`);
      await page.waitForSelector(`#result[data-result="${result}"]`);
      await page.waitForSelector('.prompt', { state: 'detached' });
      expect(await stateOf(outTradeNo)).toBe(state);
    }
    expect(await page.textContent('#result')).toBe('The payer refused.');
    await page.click('#language');
    expect(await page.textContent('#result')).toBe('付款人已拒绝支付。');
    expect(await page.textContent('#wallet-title')).toBe('我的付款码');
    expect(problems).toEqual([]);
  });

  it('has the word of each button on one line, in both languages', async () => {
    await show();
    await charge(sandbox, merchant, newNumber(), await newCode(sandbox, { payer: 'silent' }));
    await page.waitForSelector('.prompt');
    const linesOf = () =>
      page.evaluate<number>(`(() => {
        const range = document.createRange();
        range.selectNodeContents(document.querySelector('.prompt .refuse'));
        return range.getClientRects().length;
      })()`);
    expect(await linesOf()).toBe(1);
    await page.click('#language');
    expect(await page.textContent('.prompt .refuse')).toBe('拒绝');
    expect(await linesOf()).toBe(1);
    await page.click('.prompt .refuse');
  });

  it('asks for the password of any code, and says when its own is too old or the trade reversed', async () => {
    await show();
    const outTradeNo = newNumber();
    await charge(sandbox, merchant, outTradeNo, await newCode(sandbox, { payer: 'silent' }));
    await page.waitForSelector('.prompt');
    await reverse(sandbox, merchant, outTradeNo);
    await page.waitForSelector('.prompt', { state: 'detached' });
    await showCode('silent');
    await control(sandbox, 'POST', '/clock', { advanceSeconds: 61 });
    await page.waitForSelector('#result[data-result="refused"]');
    expect(await page.textContent('#result')).toBe('Your code is too old. Show a new one.');
    const own = newNumber();
    await charge(sandbox, merchant, own, await showCode('silent'));
    await page.waitForSelector('.prompt');
    await reverse(sandbox, merchant, own);
    await page.waitForSelector('#result[data-result="refused"]');
    expect(await page.textContent('#result')).toBe('The merchant reversed this trade.');
  });

  it('sends nobody to a script', async () => {
    await show(`?redirect_url=${encodeURIComponent('javascript:alert(1)')}`);
    expect(await page.isHidden('#back')).toBe(true);
  });
});
