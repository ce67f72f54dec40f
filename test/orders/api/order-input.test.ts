import { describe, expect, it } from 'vitest';
import { json, MCHID, SANDBOX_URL, orderBody, textWith, useTestApp } from '../../http/support/test-app.js';

const test = useTestApp();

const valid = () => orderBody(test.newOrderNo());
const post = (body: unknown, headers: Record<string, string> = {}) =>
  test.send('POST', '/v1/orders', { body, headers });

/** 42 three-byte characters: 126 bytes. */
const CHINESE_126 = '茶'.repeat(42);

describe('a body that is refused', () => {
  it.each<[string, Record<string, unknown>]>([
    ['an amount of 0', { amountFen: 0 }],
    ['a negative amount', { amountFen: -1 }],
    ['a fraction of a fen', { amountFen: 1.5 }],
    ['an amount as text', { amountFen: '100' }],
    ['an amount over ten million yuan', { amountFen: 1_000_000_001 }],
    ['ten times that', { amountFen: 1e10 }],
    ['no amount', { amountFen: undefined }],
    ['an amount of null', { amountFen: null }],
    ['an orderNo of 5', { orderNo: 'A-123' }],
    ['an orderNo of 33', { orderNo: 'A'.repeat(33) }],
    ['an orderNo with a star', { orderNo: 'A-1001*2' }],
    ['an orderNo with a slash', { orderNo: 'A-1001/2' }],
    ['an orderNo with a letter beyond ASCII', { orderNo: 'Ä-10011' }],
    ['no orderNo', { orderNo: undefined }],
    ['an empty description', { description: '' }],
    ['a description of 128 bytes', { description: 'x'.repeat(128) }],
    ['a description of 43 Chinese characters', { description: '茶'.repeat(43) }],
    ['a description with a line break', { description: 'two\ncups' }],
    ['a description with NUL', { description: 'two\u0000cups' }],
    ['a description with half a surrogate pair', { description: 'two \ud83c cups' }],
    ['a description of spaces', { description: ' \u3000\u00a0' }],
    ['a description of zero width', { description: '\u200b\u200d\ufeff\u2060' }],
    ['a description of fillers and variation selectors', { description: '\u3164\u115f\ufe0f\u{e0100}\u034f' }],
    ['a description of empty Braille', { description: '\u2800' }],
    ['a description that turns the direction', { description: 'tea \u202e 000,1' }],
    ['a description with a line separator', { description: 'two\u2028cups' }],
    ['an unknown product', { product: 'micropay' }],
    ['jsapi without a payer', { product: 'jsapi' }],
    ['miniProgram without a payer', { product: 'miniProgram' }],
    ['an empty openid', { product: 'jsapi', payer: { openid: '' } }],
    ['an openid of 129 bytes', { product: 'jsapi', payer: { openid: 'o'.repeat(129) } }],
    ['a payer with another field', { product: 'jsapi', payer: { openid: 'o1', name: 'Li Lei' } }],
    ['h5 without an address', { product: 'h5' }],
    ['an address that is a name', { product: 'h5', clientIp: 'localhost' }],
    ['an address with 256', { product: 'h5', clientIp: '10.0.0.256' }],
    ['an unknown h5Type', { product: 'h5', clientIp: '10.0.0.1', h5Type: 'Symbian' }],
    ['an h5Type for native', { h5Type: 'Wap' }],
    ['an appid of somebody else', { appid: 'wxother' }],
    ["another product's appid", { appid: 'wxjsapi' }],
    ['59 seconds to pay', { expiresInSeconds: 59 }],
    ['more than a week to pay', { expiresInSeconds: 604_801 }],
    ['half a second', { expiresInSeconds: 60.5 }],
    ['an attach of 129 bytes', { attach: 'x'.repeat(129) }],
    ['an empty attach', { attach: '' }],
    ['an attach with an escape sequence', { attach: 'table \u001b[2J7' }],
    ['an attach that turns the direction', { attach: 'table \u202e7' }],
    ['an attach of zero width', { attach: '\u200b' }],
    ['an openid with a line break', { product: 'jsapi', payer: { openid: 'o1\no2' } }],
    ['metadata that turns the direction', { metadata: { a: [{ b: 'x \u2066 y' }] } }],
    ['metadata with an escape sequence', { metadata: { a: '\u001b]0;x\u0007' } }],
    ['metadata with a C1 control', { metadata: { a: '\u009b2J' } }],
    ['metadata with a line separator', { metadata: { a: 'x\u2028y' } }],
    ['metadata with a line break in a name', { metadata: { a: { 'b\nc': 1 } } }],
    ['metadata with a name that turns the direction', { metadata: { '\u202ea': 1 } }],
    ['metadata that is a list', { metadata: [1] }],
    ['metadata that is text', { metadata: 'x' }],
    ['metadata over 4 KB', { metadata: { x: 'y'.repeat(4096) } }],
    ['metadata over 4 KB in Chinese', { metadata: { x: '茶'.repeat(1400) } }],
    ['metadata with NUL', { metadata: { x: { y: ['a\u0000'] } } }],
    ['metadata with half a surrogate pair in a name', { metadata: { '\udc00': 1 } }],
    ['metadata with a number that would come back changed', { metadata: { id: 12345678901234567890 } }],
    ['an unknown field', { amount: 1200 }],
    ['an unknown policy', { policy: { latePayment: 'keep' } }],
    ['an unknown field of a policy', { policy: { late: 'refund' } }],
    ['fulfilment without a deadline', { policy: { fulfilment: { required: true } } }],
    ['fulfilment without a word', { policy: { fulfilment: { deadlineSeconds: 600 } } }],
    ['fulfilment of 59 s', { policy: { fulfilment: { required: true, deadlineSeconds: 59 } } }],
    ['fulfilment of more than 30 days', { policy: { fulfilment: { required: true, deadlineSeconds: 2_592_001 } } }],
    ['fulfilment of half a second', { policy: { fulfilment: { required: true, deadlineSeconds: 60.5 } } }],
    [
      'fulfilment with another end',
      { policy: { fulfilment: { required: true, deadlineSeconds: 600, onDeadline: 'keep' } } },
    ],
    ['an end without fulfilment', { policy: { fulfilment: { required: false, onDeadline: 'refund' } } }],
    ['fulfilment fields without fulfilment', { policy: { fulfilment: { required: false, deadlineSeconds: 600 } } }],
  ])('%s', async (_, change) => {
    const answer = await post({ ...valid(), ...change });
    expect(answer.status).toBe(400);
    expect(await json(answer)).toMatchObject({ code: 'invalid_request', status: 400 });
    expect(test.orders.calls).toEqual([]);
  });

  it.each([
    ['text that is not JSON', '{"orderNo": "secret-canary", }'],
    ['a list', '[]'],
    ['a number', '7'],
    ['null', 'null'],
    ['nothing', ''],
    [
      'a field named __proto__',
      '{"orderNo":"A-100001","amountFen":1,"description":"x","product":"native","metadata":{"__proto__":{"a":1}}}',
    ],
    ['a number beyond all numbers', '{"metadata":{"x":1e999}}'],
    ['brackets eight thousand deep', `{"metadata":{"x":${'['.repeat(7900)}${']'.repeat(7900)}}}`],
  ])('%s', async (_, body) => {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    const problem = await json<{ code: string; detail: string }>(answer);
    expect(problem.code).toBe('invalid_request');
    expect(problem.detail).not.toContain('canary');
    expect(problem.detail).not.toBe('');
  });

  it.each([
    ['description', { description: 'two\uffffcups' }],
    ['description', { description: '\ufffe' }],
    ['description', { description: 'two \ud83c cups' }],
    ['description', { description: 'two\u0000cups' }],
    ['attach', { attach: 'table \ufdd07' }],
    ['attach', { attach: 'table \udfff7' }],
    ['payer.openid', { product: 'jsapi', payer: { openid: 'o\uffff' } }],
    ['metadata', { metadata: { a: [{ b: 'x\uffff' }] } }],
    ['metadata', { metadata: { 'a\ufffe': 1 } }],
    ['metadata.a.b', { metadata: { a: { b: 'x\ud800' } } }],
  ])('names the field %s that holds what is no character, and does not repeat it', async (field, change) => {
    const answer = await post({ ...valid(), ...change });
    expect(answer.status).toBe(400);
    const { detail } = await json<{ detail: string }>(answer);
    expect(detail).toMatch(new RegExp(`(^|body )${field}: must not hold`));
    expect(detail).not.toMatch(/\p{Noncharacter_Code_Point}|\p{Surrogate}/u);
  });

  it('says where JSON breaks, without repeating it', async () => {
    const answer = await post('{"orderNo": "A-100001", x}');
    expect((await json<{ detail: string }>(answer)).detail).toBe(
      'The body is not valid JSON (it breaks at character 24).',
    );
  });

  it.each([
    ['orderNo', '{"orderNo":"A-100001","amountFen":1,"orderNo":"A-100002"}'],
    ['amountFen', '{"amountFen":1,"description":"{\\"amountFen\\":2}", "amountFen" : 1000}'],
    ['amountFen', '{"amountFen":1,"\\u0061mountFen":1000}'],
    ['fulfilment', '{"policy":{"fulfilment":{"required":false},"latePayment":"refund","fulfilment":{}}}'],
    ['b', '{"metadata":{"a":[{"b":1},{"b":2,"c":[],"b":1}]}}'],
    ['__proto__', '{"__proto__":1,"__proto__":2}'],
  ])('%s given twice, in %s', async (key, body) => {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    const problem = await json<{ code: string; detail: string }>(answer);
    expect(problem.code).toBe('invalid_request');
    expect(problem.detail).toContain(key);
  });

  it.each([
    ['amountFen', '1.0000000000000000001'],
    ['amountFen', '1.0'],
    ['amountFen', '1e2'],
    ['amountFen', '100E-2'],
    ['amountFen', '9007199254740993'],
    ['expiresInSeconds', '7.2e3'],
    ['policy.fulfilment.deadlineSeconds', '600.0'],
    ['metadata.a.b', '0.1000000000000000000001'],
    ['metadata.a.b', '9007199254740993'],
    ['metadata.a.b', '1e-400'],
  ])('%s as a number that is not what it says: %s', async (path, number) => {
    const [name = '', ...rest] = path.split('.');
    const value = rest.reduceRight((inner, key) => `{"${key}":${inner}}`, number);
    const fields = Object.entries(valid()).filter(([key]) => key !== name);
    const body = `${JSON.stringify(Object.fromEntries(fields)).slice(0, -1)},"${name}":${value}}`;
    const answer = await post(body);
    expect(answer.status).toBe(400);
    const problem = await json<{ code: string; detail: string }>(answer);
    expect(problem.code).toBe('invalid_request');
    expect(problem.detail).toContain(`${path}: `);
  });

  it('names each wrong field and what it must be', async () => {
    const answer = await post({ ...valid(), amountFen: 0, orderNo: 'x', payer: { openid: 1 } });
    const { detail } = await json<{ detail: string }>(answer);
    expect(detail).toContain('orderNo: must be 6 to 32 of 0-9A-Za-z_-');
    expect(detail).toContain('amountFen: must be a whole number of fen');
    expect(detail).toContain('payer.openid: ');
  });

  it('bytes that are not UTF-8', async () => {
    const bytes = Buffer.from(JSON.stringify({ ...valid(), attach: 'é' }), 'latin1');
    const answer = await test.send('POST', '/v1/orders', {
      headers: { 'Content-Type': 'application/json' },
      rawBody: bytes,
    });
    expect(answer.status).toBe(400);
    expect(await json(answer)).toMatchObject({ detail: 'The body is not UTF-8.' });
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded'])('JSON that is sent as %s', async (contentType) => {
    const answer = await post(valid(), { 'Content-Type': contentType });
    expect(answer.status).toBe(400);
    expect(await json(answer)).toMatchObject({
      code: 'invalid_request',
      detail: textWith(/application\/json/),
    });
  });

  it.each([
    ['256 KB', '/v1/orders', 256],
    ['16 KB of a refund', '/v1/orders/A-10001/refunds', 16],
  ])('more than %s, before it is parsed, whether its length is declared or not', async (_, path, kib) => {
    const body = `{"x":"${'y'.repeat(kib * 1024)}"`;
    const declared = await test.send('POST', path, { body, headers: { 'Content-Length': String(body.length) } });
    const undeclared = await test.send('POST', path, { body });
    for (const answer of [declared, undeclared]) {
      expect(answer.status).toBe(413);
      expect(await json(answer)).toMatchObject({ code: 'body_too_large' });
    }
  });
});

describe('of a merchant on API v2', () => {
  const speaksV2 = () => {
    const merchant = test.merchants.get(MCHID);
    if (merchant !== undefined)
      test.merchants.set(MCHID, { ...merchant, credentials: { protocol: 'v2', gatewayUrls: [SANDBOX_URL] } });
  };

  it.each([
    ['128 bytes', 'x'.repeat(128)],
    ['42 Chinese characters and 2 letters', `${CHINESE_126}xx`],
  ])('an attach of %s, which only API v3 takes, is refused by its name', async (_, attach) => {
    speaksV2();
    const body = { ...valid(), attach };
    const answer = await post(body);
    const detail = 'attach: must be at most 127 bytes for this merchant, whose API v2 takes no more';
    expect([answer.status, await json(answer)]).toMatchObject([400, { code: 'invalid_request', detail }]);
    expect((await test.send('GET', `/v1/orders/${body.orderNo}`)).status).toBe(404);
  });

  it('an attach of 127 bytes is accepted', async () => {
    speaksV2();
    expect((await post({ ...valid(), attach: `${CHINESE_126}x` })).status).toBe(201);
  });
});

describe('a body that is accepted', () => {
  it.each<[string, Record<string, unknown>]>([
    ['1 fen', { amountFen: 1 }],
    ['ten million yuan', { amountFen: 1_000_000_000 }],
    ['an orderNo of 6', { orderNo: 'aB_-09' }],
    ['an orderNo of 32', { orderNo: 'Z'.repeat(32) }],
    ['a description of 127 bytes', { description: `${CHINESE_126}x` }],
    ['a description with an emoji', { description: '🍵' }],
    ['a description in Arabic, with its marks', { description: '\u200fشاي ×2' }],
    ['a description with a joined emoji', { description: '👩🏽‍🍳 ❤️' }],
    ['an attach of 128 bytes', { attach: 'x'.repeat(128) }],
    ['a minute to pay', { expiresInSeconds: 60 }],
    ['a week to pay', { expiresInSeconds: 604_800 }],
    ['jsapi with an openid of 128 bytes', { product: 'jsapi', payer: { openid: 'o'.repeat(128) } }],
    ['h5 with IPv4', { product: 'h5', clientIp: '203.0.113.7', h5Type: 'iOS' }],
    ['h5 with IPv6', { product: 'h5', clientIp: '::ffff:203.0.113.7' }],
    ['a product and its own appid', { product: 'app', appid: 'wxapp' }],
    ['metadata of 4 KB', { metadata: { x: 'y'.repeat(4096 - 8) } }],
    ['metadata that mentions NUL only in words', { metadata: { x: '\\u0000' } }],
  ])('%s', async (_, change) => {
    const answer = await post({ ...valid(), ...change });
    expect(answer.status).toBe(201);
  });

  it('metadata with the same value in another spelling, which comes back', async () => {
    const spelled = '{"a":[1.0,12.50e1,-0.10],"b":1E-7,"c":9007199254740991,"d":"1.0e400"}';
    const body = `${JSON.stringify(valid()).slice(0, -1)},"metadata":${spelled}}`;
    const answer = await post(body);
    expect(answer.status).toBe(201);
    expect((await json<{ metadata: unknown }>(answer)).metadata).toEqual(JSON.parse(spelled));
  });

  it('metadata whose names are the same only in different objects, or only in text', async () => {
    const metadata = { a: { a: [{ a: 1 }, { a: 2 }] }, b: '"a": 1, "a": 2', c: '\\' };
    const answer = await post({ ...valid(), metadata });
    expect([answer.status, (await json(answer))['metadata']]).toEqual([201, metadata]);
  });
});
