import { describe, expect, it } from 'vitest';
import { useExaminations, type Given } from './support/examine.js';
import { certificateOf, OWN_KEY, publicOf, VALID_V2, WECHAT_KEY } from './support/merchant-folder.js';

const { mchid: commonName } = VALID_V2;

const { examine, check } = useExaminations(VALID_V2);

describe('a merchant of API v2 of whom everything is right', () => {
  it('passes every check that has something to look at, and none of API v3', async () => {
    const results = await examine();
    expect(results.map(({ name, status }) => `${name} ${status}`)).toEqual([
      'private key ok',
      'API v2 key ok',
      'client certificate ok',
      'sign type ok',
      'secapi URL skipped',
      'secapi CA skipped',
      'permissions ok',
      'appids ok',
      'gateway URL ok',
      'limits ok',
      'webhook skipped',
      'checkout page skipped',
    ]);
    expect(results.every(({ cure }) => cure === null)).toBe(true);
  });
});

describe('the client certificate', () => {
  const NAME = 'Name the apiclient_cert.pem of this merchant in certificateFile.';
  const RENEW =
    'Renew the API certificate at the merchant platform and change certificateFile and privateKeyFile together.';
  const given = (pem: string): Given => ({ entry: { certificateFile: 'other.pem' }, files: { 'other.pem': pem } });

  it.each([
    [
      'of another key',
      certificateOf(WECHAT_KEY, { commonName }).pem,
      'certificateFile belongs to another key than privateKeyFile',
      'Name apiclient_cert.pem and apiclient_key.pem of the same API certificate.',
    ],
    [
      'of another merchant',
      certificateOf(OWN_KEY, { commonName: '1900000001' }).pem,
      'certificateFile is not made for this mchid',
      NAME,
    ],
    [
      'of a merchant whose number begins alike',
      certificateOf(OWN_KEY, { commonName: `${commonName}2` }).pem,
      'certificateFile is not made for this mchid',
      NAME,
    ],
    ['that is a key', publicOf(OWN_KEY), 'certificateFile is not a certificate', NAME],
  ])('%s fails', async (_, pem, seen, cure) => {
    expect(await check('client certificate', given(pem))).toEqual({ status: 'failed', seen, cure });
  });

  it('has to be given, and there', async () => {
    expect(await check('client certificate', { entry: { certificateFile: undefined } })).toEqual({
      status: 'failed',
      seen: 'certificateFile is not given',
      cure: NAME,
    });
    expect(await check('client certificate', { entry: { certificateFile: 'nowhere.pem' } })).toEqual({
      status: 'failed',
      seen: 'certificateFile cannot be read (ENOENT)',
      cure: 'Put the file where certificateFile says, readable for the user PaySaga runs as.',
    });
  });

  it.each([
    ['failed', { days: -1 }, /^expired on /, RENEW],
    ['warning', { days: 20.5 }, /^expires in 20 days, on /, RENEW],
    ['failed', { from: 2 }, /^not valid before /, 'Set the clock of this machine right.'],
    ['ok', {}, /^until \d{4}-\d\d-\d\d$/, null],
  ])('is %s with %j', async (status, validity, seen, cure) => {
    const { pem } = certificateOf(OWN_KEY, { ...validity, commonName });
    expect(await check('client certificate', given(pem))).toEqual({
      status,
      seen: expect.stringMatching(seen) as unknown,
      cure,
    });
  });
});

describe('the key and the sign', () => {
  it('need the API v2 key', async () => {
    expect(await check('API v2 key', { entry: { apiV2KeyFile: undefined } })).toEqual({
      status: 'failed',
      seen: 'apiV2KeyFile is not given',
      cure: 'Set an API v2 key at the merchant platform and name its file.',
    });
  });

  it.each([
    ['MD5', 'ok', 'MD5', null],
    ['SHA256', 'failed', 'signType is neither HMAC-SHA256 nor MD5', 'Set signType to HMAC-SHA256, or leave it out.'],
  ])('%s is %s', async (signType, status, seen, cure) => {
    expect(await check('sign type', { entry: { signType } })).toEqual({ status, seen, cure });
  });
});

describe('where the certificate is shown', () => {
  const OVER_HTTP = {
    status: 'warning',
    seen: 'refunds and fund-flow bills go where no client certificate is shown, over http',
    cure: 'Set secapiUrl to the https address that takes the client certificate; of a sandbox, GET /sandbox/merchant tells it.',
  };
  const SANDBOX = { gatewayUrl: 'http://127.0.0.1:8090' };
  const WHERE = 'Set secapiUrl to https://api.mch.weixin.qq.com, or to a sandbox on this machine.';

  it('is not plain http', async () => {
    expect(await check('secapi URL', { entry: SANDBOX })).toEqual(OVER_HTTP);
    expect(await check('secapi URL', { entry: { secapiUrl: 'http://127.0.0.1:8091' } })).toEqual(OVER_HTTP);
    const entry = { ...SANDBOX, secapiUrl: 'https://127.0.0.1:8091' };
    expect(await check('secapi URL', { entry })).toMatchObject({ status: 'ok' });
  });

  it.each([
    ['https://api.mch.weixin.qq.com/secapi', 'failed', 'secapiUrl has a path'],
    ['https://pay.example.com', 'warning', 'pay.example.com is not WeChat Pay'],
    ['secapi', 'failed', 'secapiUrl is not a URL'],
  ])('%s is %s', async (secapiUrl, status, seen) => {
    expect(await check('secapi URL', { entry: { secapiUrl } })).toEqual({ status, seen, cure: WHERE });
  });
});

describe('who vouches for it', () => {
  const secapi = { secapiUrl: 'https://127.0.0.1:8091', secapiCaFile: 'ca.pem' };
  const ca = (options = {}) => ({ 'ca.pem': certificateOf(WECHAT_KEY, options).pem });

  it('is an authority in force', async () => {
    expect(await check('secapi CA', { entry: secapi, files: ca() })).toMatchObject({ status: 'ok' });
    expect(await check('secapi CA', { entry: secapi, files: ca({ days: -1 }) })).toEqual({
      status: 'failed',
      seen: expect.stringMatching(/^expired on /) as unknown,
      cure: "Name the authority's certificate in force.",
    });
    expect(await check('secapi CA', { entry: secapi, files: { 'ca.pem': 'x' } })).toEqual({
      status: 'failed',
      seen: 'secapiCaFile is not a certificate',
      cure: "Name the certificate, in PEM form, of the authority that signed the server's, or remove secapiCaFile.",
    });
    expect(await check('secapi CA', { entry: { ...secapi, secapiCaFile: 'nowhere' } })).toMatchObject({
      status: 'failed',
      seen: 'secapiCaFile cannot be read (ENOENT)',
    });
  });

  it('is for WeChat Pay itself nobody but whom the system trusts', async () => {
    expect(await check('secapi CA', { entry: { secapiCaFile: 'ca.pem' }, files: ca() })).toEqual({
      status: 'warning',
      seen: 'only servers that secapiCaFile vouches for are taken for WeChat Pay',
      cure: 'Remove secapiCaFile: WeChat Pay changes its authorities, and this system knows them.',
    });
  });
});
