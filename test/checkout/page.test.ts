import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  moveRefund,
  openCode,
  orderNoFrom,
  payLate,
  payOrder,
  placeOrder,
  project,
  refundOrder,
  returnOrder,
} from './support/checkout-order.js';
import { createCheckoutWorld, type CheckoutWorld } from './support/checkout-world.js';
import { readEvents } from './support/read-events.js';

let world: CheckoutWorld;
beforeAll(async () => {
  world = await createCheckoutWorld();
});
afterAll(() => world.close());

const CODE = 'weixin://wxpay/bizpayurl/up?pr=Abc123&groupid=00';
const WECHAT = { 'User-Agent': 'Mozilla/5.0 (iPhone) MicroMessenger/8.0.49' };
const nativeOrder = async () => openCode(world.db, await placeOrder(world.db), { codeUrl: CODE });
const get = (path: string, headers: Record<string, string> = {}) => world.routes.request(path, { headers });
const textOf = async (path: string, headers?: Record<string, string>) => (await get(path, headers)).text();

test('the page shows the amount, the description as text, and a code', async () => {
  const html = await textOf(world.pathOf(await nativeOrder()));
  expect(html).toMatch(/^<!doctype html><html lang="zh-CN">/);
  expect(html).toContain('<span id="amount">¥12.00</span>');
  expect(html).toContain('Tea &amp; cake &lt;for two&gt;');
  expect(html).toMatch(/id="qr"[^>]*><svg /);
  expect(html).toMatch(/id="status"[^>]*data-status="awaiting"/);
});

test('the page and its stream say nothing that is not for the payer', async () => {
  const order = await nativeOrder();
  const events = readEvents(await get(world.subPathOf(order, 'stream')));
  const first = JSON.stringify(await events.next());
  await events.cancel();
  for (const text of [await textOf(world.pathOf(order)), first]) {
    expect(text.length).toBeGreaterThan(100);
    for (const secret of ['attach-secret', 'metadata-secret', order.mchid, 'wx0000000000000001']) {
      expect(text).not.toContain(secret);
    }
  }
});

test('the page is guarded: nothing inline, nothing foreign, no frame, no cache, and a Referer without the token', async () => {
  const { headers } = await get(world.pathOf(await nativeOrder()));
  expect(headers.get('Content-Security-Policy')).toBe(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  );
  expect(headers.get('Referrer-Policy')).toBe('strict-origin');
  expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
  expect(headers.get('Cache-Control')).toBe('no-store');
});

test('scripts and styles are served under a name of their content, to be kept', async () => {
  const html = await textOf(world.pathOf(await nativeOrder()));
  const assets = [...html.matchAll(/(?:href|src)="(assets\/[^"]+)"/g)].map((match) => match[1] ?? '');
  expect(assets).toHaveLength(3);
  expect(html.replace(/<script src="[^"]+" defer(="")?><\/script>/, '')).not.toMatch(/<script|<style|style=|onclick/);
  for (const asset of assets) {
    const response = await get(`/pay/${asset}`);
    expect(response.status).toBe(200);
    expect(response.headers.get('Cache-Control')).toContain('immutable');
    expect(response.headers.get('Content-Type')).toMatch(/javascript|css|svg/);
  }
});

test('an order named "assets" has a page like any other', async () => {
  const order = await placeOrder(world.db, { orderNo: orderNoFrom('assets') });
  expect((await get(world.pathOf(order))).status).toBe(200);
  const stream = await get(world.subPathOf(order, 'stream'));
  expect(stream.headers.get('Content-Type')).toContain('text/event-stream');
  await stream.body?.cancel();
});

describe('who may not see an order learns nothing', () => {
  test("a forged token, another order's token and an order that is not there are one answer", async () => {
    const [mine, other] = [await nativeOrder(), await nativeOrder()];
    const path = world.pathOf(mine);
    const wrong = [
      path.slice(0, -2),
      path.replace(mine.orderNo, other.orderNo),
      '/pay/nothing-here?t=x',
      '/pay/nothing-here',
    ];
    const answers: Response[] = [];
    for (const each of wrong) answers.push(await get(`${each}${each.includes('?') ? '&' : '?'}lang=en`));
    expect(answers.map((answer) => answer.status)).toEqual([404, 404, 404, 404]);
    const bodies = await Promise.all(answers.map((answer) => answer.text()));
    expect(new Set(bodies).size).toBe(1);
    expect(bodies[0]).toContain('This payment page was not found');
  });

  test('an ended link is gone, for the page, the stream and the button', async () => {
    const order = await placeOrder(world.db, { createdAt: new Date(Date.now() - 86_400_000 - 901_000) });
    const page = await get(`${world.pathOf(order)}&lang=en`);
    expect(page.status).toBe(410);
    expect(await page.text()).toContain('This payment page has ended');
    expect((await get(world.subPathOf(order, 'stream'))).status).toBe(410);
    const press = await world.routes.request(world.subPathOf(order, 'sync'), { method: 'POST' });
    expect(press.status).toBe(410);
    expect(world.sync).not.toHaveBeenCalled();
  });

  test('a page cannot be posted to, nor the button be pressed by a GET', async () => {
    const order = await nativeOrder();
    expect((await world.routes.request(world.pathOf(order), { method: 'POST' })).status).toBe(404);
    expect((await get(world.subPathOf(order, 'sync'))).status).toBe(404);
  });
});

describe('languages', () => {
  test('the page speaks the language the browser asks for, unless the payer chose', async () => {
    const path = world.pathOf(await nativeOrder());
    const english = await textOf(path, { 'Accept-Language': 'en-GB,en;q=0.9' });
    expect(english).toContain('<html lang="en">');
    expect(english).toContain('Waiting for payment');
    const chosen = await textOf(`${path}&lang=zh`, { 'Accept-Language': 'en-GB' });
    expect(chosen).toContain('<html lang="zh-CN">');
    expect(chosen).toContain('等待付款');
  });

  test('the switch leads to the same page in the other language', async () => {
    const order = await nativeOrder();
    const html = await textOf(`${world.pathOf(order)}&lang=en`);
    const target = /<a id="lang" href="([^"]+)"/.exec(html)?.[1]?.replaceAll('&amp;', '&') ?? '';
    expect(await textOf(`/pay/${target}`)).toContain('<html lang="zh-CN">');
  });
});

describe('each product has its own way', () => {
  const DESKTOP = { 'User-Agent': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0.0.0 Safari/537.36' };
  const PHONES = [
    { 'User-Agent': 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1' },
    { 'User-Agent': 'Mozilla/5.0 (Linux; Android 14; 23127PN0CC) Chrome/140.0.0.0 Mobile Safari/537.36' },
    { 'User-Agent': 'Mozilla/5.0 (Phone; OpenHarmony 5.0) ArkWeb/4.1.6.1' },
    { ...DESKTOP, 'Sec-CH-UA-Mobile': '?1' },
  ];
  const h5Order = async (h5Url: string) =>
    openCode(world.db, await placeOrder(world.db, { product: 'h5', clientIp: '203.0.113.7', h5Type: 'Wap' }), {
      h5Url,
    });

  test('H5 on a computer is a code of this page for the phone, and a quiet link for a phone that hides', async () => {
    const path = world.pathOf(await h5Order('https://wx.tenpay.com/h5'));
    const computer = await textOf(path, DESKTOP);
    expect(computer).toContain('id="page-qr"');
    expect(computer).toContain('请用手机扫描二维码');
    expect(computer).toMatch(/<a id="h5-link" class="quiet" href="https:\/\/wx\.tenpay\.com\/h5"/);
    for (const phone of PHONES) {
      const html = await textOf(path, phone);
      expect(html).not.toContain('page-qr');
      expect(html).toContain('<a id="h5-link" class="button primary"');
    }
  });

  test("a Native code in WeChat's browser comes with what works there, which a long press is not", async () => {
    const path = world.pathOf(await nativeOrder());
    const inside = await textOf(path, WECHAT);
    expect(inside).toContain('id="qr"');
    expect(inside).toContain('请在另一块屏幕上打开本页');
    expect(inside).toContain('在微信里长按付款码不能付款');
    expect(await textOf(`${path}&lang=en`, WECHAT)).toContain('Open this page on another screen');
    expect(await textOf(path, DESKTOP)).not.toMatch(/另一块屏幕|长按付款码/);
  });

  test("JSAPI in a phone's own browser says how to get into WeChat, where a code would be of no use", async () => {
    const placed = await placeOrder(world.db, { product: 'jsapi', openid: 'o-payer' });
    const path = world.pathOf(await openCode(world.db, placed, { prepayId: 'wx-prepay-1' }));
    for (const phone of PHONES) {
      const html = await textOf(path, phone);
      expect(html).toContain('请在微信中打开本页');
      expect(html).not.toContain('page-qr');
    }
    expect(await textOf(path, DESKTOP)).toContain('id="page-qr"');
  });

  test('H5 is a link to WeChat, but not inside WeChat, where it does not work', async () => {
    const placed = await placeOrder(world.db, { product: 'h5', clientIp: '203.0.113.7', h5Type: 'Wap' });
    const h5Url = 'https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx1&package=2';
    const path = world.pathOf(await openCode(world.db, placed, { h5Url }));
    expect(await textOf(path)).toContain(`href="${h5Url.replace('&', '&amp;')}"`);
    const inside = await textOf(path, WECHAT);
    expect(inside).not.toContain('tenpay.com');
    expect(inside).toContain('微信内不能使用这种付款方式');
  });

  test("JSAPI is a button in WeChat's browser and a code to get there elsewhere", async () => {
    const placed = await placeOrder(world.db, { product: 'jsapi', openid: 'o-payer' });
    const order = await openCode(world.db, placed, { prepayId: 'wx-prepay-1' });
    const inside = await get(world.pathOf(order), WECHAT);
    const html = await inside.text();
    expect(html).toContain('id="jsapi-pay"');
    expect(html).toContain('prepay_id=wx-prepay-1');
    expect(inside.headers.get('Content-Security-Policy')).toContain('frame-src weixin:');
    const outside = await textOf(world.pathOf(order));
    expect(outside).toContain('id="page-qr"');
    expect(outside).not.toContain('wx-prepay-1');
    expect(outside).not.toContain('o-payer');
  });

  test('a mini program and an app are named as the place to pay', async () => {
    const mini = await placeOrder(world.db, { product: 'miniProgram', openid: 'o-payer' });
    const app = await placeOrder(world.db, { product: 'app' });
    expect(await textOf(world.pathOf(await openCode(world.db, mini, { prepayId: 'p1' })))).toContain(
      '请回到微信小程序',
    );
    expect(await textOf(world.pathOf(await openCode(world.db, app, { prepayId: 'p2' })))).toContain('请回到商家 App');
  });
});

describe('whose page it is', () => {
  const PICTURE = new Uint8Array([0x89, 0x50, 0x4e, 0x47]);
  const name = { zh: '茶<铺>', en: 'The Tea <Shop>' };
  const logo = { type: 'image/png', bytes: PICTURE, hash: 'abcdef012345' } as const;
  afterEach(() => {
    delete world.merchant.display;
  });

  test('is said by name and logo, from our own origin, in each language', async () => {
    world.merchant.display = { name, logo };
    const order = await nativeOrder();
    const html = await textOf(`${world.pathOf(order)}&lang=en`);
    expect(html).toContain('<p id="shop" class="shop">The Tea &lt;Shop&gt;</p>');
    expect(html).toMatch(/<title>[^<]* · The Tea &lt;Shop&gt;<\/title>/);
    expect(await textOf(`${world.pathOf(order)}&lang=zh`)).toContain('茶&lt;铺&gt;');
    const source = /<img id="logo" src="([^"]+)" alt=""/.exec(html)?.[1]?.replaceAll('&amp;', '&') ?? '';
    expect(source).toContain('v=abcdef012345');
    const answer = await get(`/pay/${source}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('Content-Type')).toBe('image/png');
    expect(answer.headers.get('X-Content-Type-Options')).toBe('nosniff');
    expect(answer.headers.get('Cache-Control')).toMatch(/^private, .*immutable/);
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(PICTURE);
  });

  test('is not said where the merchant says nothing, and a name needs no logo', async () => {
    const order = await nativeOrder();
    expect(await textOf(world.pathOf(order))).not.toMatch(/id="(shop|logo)"/);
    expect((await get(world.logoPathOf(order))).status).toBe(404);
    world.merchant.display = { name, logo: null };
    expect(await textOf(world.pathOf(order))).not.toContain('id="logo"');
    expect((await get(world.logoPathOf(order))).status).toBe(404);
  });

  test("is shown by the order's own token alone", async () => {
    world.merchant.display = { name, logo };
    const [mine, other] = [await nativeOrder(), await nativeOrder()];
    expect((await get(world.logoPathOf(mine))).status).toBe(200);
    expect((await get(world.logoPathOf(mine).replace(mine.orderNo, other.orderNo))).status).toBe(404);
    expect((await get(world.logoPathOf(mine).slice(0, -2))).status).toBe(404);
  });
});

describe('the way back to the shop', () => {
  const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const returnUrl = 'https://shop.example.com/orders?id=7';
  beforeEach(() => {
    Object.assign(world.merchant, { returnOrigins: ['https://shop.example.com'], webhook: { secrets: [SECRET] } });
  });
  afterEach(() => {
    delete world.merchant.returnOrigins;
    delete world.merchant.webhook;
  });
  const linkIn = (html: string) => {
    const [, look, href = ''] = /<a id="back" class="([^"]+)" href="([^"]+)"/.exec(html) ?? [];
    return { look, href: href.replaceAll('&amp;', '&') };
  };

  test('is a quiet link while the order can be paid, and the main button once it is over', async () => {
    const order = await openCode(world.db, await placeOrder(world.db, { returnUrl }), { codeUrl: CODE });
    const waiting = linkIn(await textOf(world.pathOf(order)));
    expect(waiting.look).toBe('quiet');
    expect(waiting.href).toMatch(
      new RegExp(
        String.raw`^https://shop\.example\.com/orders\?id=7&paysaga_order=${order.orderNo}&paysaga_state=awaitingPayment&paysaga_time=\d{10}&paysaga_signature=[0-9a-f]{64}$`,
      ),
    );
    await payOrder(world.db, order);
    const paid = linkIn(await textOf(world.pathOf(order)));
    expect(paid.look).toBe('button primary');
    expect(paid.href).toContain('&paysaga_state=paid&');
    const refund = await refundOrder(world.db, order, 1200);
    await moveRefund(world.db, refund, 'succeeded');
    expect(linkIn(await textOf(world.pathOf(order)))).toMatchObject({ look: 'button primary' });
  });

  test('is quiet in a review, where nothing is over', async () => {
    const order = await openCode(world.db, await placeOrder(world.db, { returnUrl }), { codeUrl: CODE });
    await project(world.db, order, { state: 'review', reviewReason: 'evidence_conflict', stuckReason: 'review' });
    const { look, href } = linkIn(await textOf(world.pathOf(order)));
    expect(look).toBe('quiet');
    expect(href).toContain('&paysaga_state=review&');
  });

  test('is not walked by the page itself: nothing redirects', async () => {
    const order = await openCode(world.db, await placeOrder(world.db, { returnUrl }), { codeUrl: CODE });
    await payOrder(world.db, order);
    const answer = await get(world.pathOf(order));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('Refresh')).toBeNull();
    expect(await answer.text()).not.toContain('http-equiv="refresh"');
  });

  test('is not there for an order without one, nor once its origin is declared no more, whatever the address says', async () => {
    const order = await openCode(world.db, await placeOrder(world.db, { returnUrl }), { codeUrl: CODE });
    const asked = `${world.pathOf(order)}&returnUrl=https://evil.example/`;
    expect(await textOf(asked)).not.toContain('evil.example');
    world.merchant.returnOrigins = [];
    expect(await textOf(asked)).not.toContain('id="back"');
    expect(await textOf(world.pathOf(await nativeOrder()))).not.toContain('id="back"');
  });
});

test('without scripts the page looks again by itself until there is nothing to wait for', async () => {
  const order = await nativeOrder();
  expect(await textOf(world.pathOf(order))).toMatch(/<noscript><meta http-equiv="refresh" content="15;url=/);
  await payOrder(world.db, order);
  const paid = await textOf(world.pathOf(order));
  expect(paid).not.toContain('http-equiv="refresh"');
  expect(paid).toMatch(/id="status"[^>]*data-status="paid"/);
});

describe('money that goes back', () => {
  const factsOf = (html: string) =>
    [...html.matchAll(/<dt>([^<]+)<\/dt><dd>(¥[^<]+)<\/dd>/g)].map(([, name, amount]) => `${name} ${amount}`);
  const statusIn = (html: string) => /id="status"[^>]*>([^<]+)</.exec(html)?.[1];
  const paidOrder = async () => {
    const order = await nativeOrder();
    await payOrder(world.db, order);
    return order;
  };

  test('is on its way, then back in part, then in full, and the page says how much, in both languages', async () => {
    const order = await paidOrder();
    const seen = async (lang: string) => {
      const html = await textOf(`${world.pathOf(order)}&lang=${lang}`);
      expect(html).toContain('<span id="amount">¥12.00</span>');
      expect(html).toMatch(/<p class="detail">.{10,}<\/p>/);
      return [statusIn(html), ...factsOf(html)];
    };
    const first = await refundOrder(world.db, order, 500);
    expect(await seen('en')).toEqual(['Refund on its way', 'After discounts ¥10.00', 'Being refunded ¥5.00']);
    expect(await seen('zh')).toEqual(['正在退款', '优惠后实付 ¥10.00', '退款中 ¥5.00']);
    await moveRefund(world.db, first, 'succeeded');
    expect(await seen('en')).toEqual(['Partly refunded', 'After discounts ¥10.00', 'Refunded ¥5.00']);
    expect(await seen('zh')).toEqual(['已部分退款', '优惠后实付 ¥10.00', '已退款 ¥5.00']);
    const second = await refundOrder(world.db, order, 700);
    expect((await seen('en')).slice(2)).toEqual(['Refunded ¥5.00', 'Being refunded ¥7.00']);
    await moveRefund(world.db, second, 'succeeded');
    expect(await seen('en')).toEqual(['Refunded in full', 'After discounts ¥10.00', 'Refunded ¥12.00']);
    expect(await seen('zh')).toEqual(['已全额退款', '优惠后实付 ¥10.00', '已退款 ¥12.00']);
  });

  test('and does not arrive leaves the order paid', async () => {
    const order = await paidOrder();
    await moveRefund(world.db, await refundOrder(world.db, order, 1200), 'rejected');
    expect(statusIn(await textOf(`${world.pathOf(order)}&lang=en`))).toBe('Payment received');
  });

  test('of an order that was closed is named as such', async () => {
    const order = await nativeOrder();
    await payLate(world.db, order);
    const seen = async (lang: string) => {
      const html = await textOf(`${world.pathOf(order)}&lang=${lang}`);
      return [statusIn(html), ...factsOf(html)];
    };
    expect(await seen('en')).toEqual(['Checking your payment']);
    const refund = await returnOrder(world.db, order);
    expect(await seen('en')).toEqual(['Your money is on its way back', 'Being refunded ¥12.00']);
    expect(await seen('zh')).toEqual(['正在退回款项', '退款中 ¥12.00']);
    await moveRefund(world.db, refund, 'succeeded');
    expect(await seen('en')).toEqual(['Your money was returned', 'Refunded ¥12.00']);
    expect(await seen('zh')).toEqual(['款项已退回', '已退款 ¥12.00']);
  });
});

test('a review names no reason', async () => {
  const order = await nativeOrder();
  await project(world.db, order, { state: 'review', reviewReason: 'evidence_conflict', stuckReason: 'review' });
  const html = await textOf(`${world.pathOf(order)}&lang=en`);
  expect(html).toContain('contact the shop');
  expect(html).not.toMatch(/evidence|conflict/);
});

test('a database that does not answer is a polite 503, in the form that was asked for', async () => {
  const order = await nativeOrder();
  const broken = await createCheckoutWorld();
  const path = broken.pathOf(order);
  await broken.close();
  const page = await broken.routes.request(`${path}&lang=en`, { headers: { Accept: 'text/html' } });
  expect([page.status, page.headers.get('Retry-After')]).toEqual([503, '5']);
  expect(await page.text()).toContain('Not available right now');
  const stream = await broken.routes.request(path.replace('?', '/stream?'));
  expect(await stream.json()).toMatchObject({ status: 503, code: 'unavailable' });
});
