import { within } from '../../base/within.js';
import { createRoute, z } from '@hono/zod-openapi';
import type { Logger } from 'pino';
import { type Mchid, parseMchid } from '../../base/ids.js';
import { ApiError, ERRORS } from '../../http/kit/api-error.js';
import type { Context } from 'hono';
import type { NotifyPath } from '../../channels/port.js';
import type { ErrorForm } from '../../http/kit/problem.js';
import { readBody, socketOf } from '../../http/kit/body.js';
import { acceptNotify, createRejectionLog } from './accept-notify.js';
import { describeError } from '../../base/describe-error.js';
import { isNotifyPath, type IngressEnv, type Route } from '../../http/kit/route.js';

/** What WeChat Pay may seal in one notify of API v3. */
const MAX_BYTES = 1024 * 1024;
/** API v2 sends a few short fields. */
const MAX_XML_BYTES = 64 * 1024;
/** WeChat Pay waits 5 s. */
const DEADLINE_MS = 4_000;

const params = z.object({ mchid: z.string() });
const tags = ['WeChat Pay'];
const description =
  'Answers a success only after the notify is recorded and its order or refund has been told, within 4 s; everything else makes WeChat Pay repeat it.';

const failSchema = z.strictObject({ code: z.literal('FAIL'), message: z.string() }).openapi('NotifyFailure');
const problem = (description: string) => ({ description, content: { 'application/json': { schema: failSchema } } });
const xml = (description: string) => ({ description, content: { 'text/xml': { schema: z.string() } } });

const failures = <Content extends object>(failure: (description: string) => Content, tooLarge: string) => ({
  400: failure('The path is not written in its plain form, or the body broke off.'),
  401: failure('Not a notify of WeChat Pay for this merchant.'),
  404: failure('No such merchant, or no order with this outTradeNo: kept, and matched again when it is repeated.'),
  413: failure(tooLarge),
  415: failure('Packed: what is verified is the bytes as they came.'),
  421: failure('Sent to a host that is not the one of `PAYSAGA_PUBLIC_URL`.'),
  500: failure('Something went wrong here.'),
  503: failure('Not recorded and delivered in time.'),
});

const v3Route = createRoute({
  method: 'post',
  path: '/notify/wechatpay/v3/{mchid}',
  operationId: 'receiveNotify',
  tags,
  summary: 'Where WeChat Pay sends its notifies',
  description,
  request: { params },
  responses: {
    204: {
      description:
        'Recorded, and the order or the refund has been told; or kept as `unsupported`, being of a kind that is not handled.',
    },
    ...failures(problem, 'Larger than 1 MiB.'),
  },
});

const v2Route = <Kind extends 'payment' | 'refund'>(kind: Kind, operationId: string) =>
  createRoute({
    method: 'post',
    path: `/notify/wechatpay/v2/{mchid}/${kind}`,
    operationId,
    tags,
    summary: `Where WeChat Pay sends the ${kind} notifies of API v2`,
    description,
    request: { params },
    responses: {
      200: xml('Recorded, and the order or the refund has been told: `return_code` SUCCESS.'),
      ...failures(xml, 'Larger than 64 KiB.'),
    },
  });

export const registerNotify: Route = (app, deps) => {
  const accept = { ...deps, logRejection: createRejectionLog(deps.log, deps.now) };
  const received = async (c: NotifyContext, path: NotifyPath, maxBytes: number): Promise<void> => {
    const mchid = requireMchid(c.req.param('mchid') ?? '');
    const work = async (): Promise<void> => {
      const body = await readBody(c, maxBytes, socketOf(c));
      const about = (facts: Readonly<Record<string, string>>): void => c.set('about', facts);
      await acceptNotify({ ...accept, about }, { mchid, path }, { body, headers: c.req.header() });
    };
    const outcome = await doneOrLate(deps.notifyDeadlineMs ?? DEADLINE_MS, work(), deps.log);
    if (outcome === 'done') return;
    deps.notifyCounters.count('unanswered');
    throw new ApiError('unavailable', 'Not delivered in time.');
  };
  app.openapi(v3Route, async (c) => {
    await received(c, 'v3', MAX_BYTES);
    return c.body(null, 204);
  });
  app.openapi(v2Route('payment', 'receivePaymentNotifyV2'), async (c) => {
    await received(c, 'v2Payment', MAX_XML_BYTES);
    return c.body(xmlAnswer('SUCCESS', 'OK'), 200, XML);
  });
  app.openapi(v2Route('refund', 'receiveRefundNotifyV2'), async (c) => {
    await received(c, 'v2Refund', MAX_XML_BYTES);
    return c.body(xmlAnswer('SUCCESS', 'OK'), 200, XML);
  });
};

type NotifyContext = Context<IngressEnv>;

const XML = { 'Content-Type': 'text/xml; charset=utf-8' };

/** Of API v2 the body decides, not the status. The texts are ours: none needs escaping. */
const xmlAnswer = (code: 'SUCCESS' | 'FAIL', message: string): string =>
  `<xml><return_code><![CDATA[${code}]]></return_code><return_msg><![CDATA[${message}]]></return_msg></xml>`;

/** Makes WeChat Pay repeat the notify. The message is fixed: probing teaches nothing. */
export const notifyErrors: ErrorForm = {
  covers: isNotifyPath,
  answer(c, { code }) {
    const { status, title } = ERRORS[code];
    const message = MESSAGES.get(code) ?? title;
    const isXml = c.req.path.startsWith('/notify/wechatpay/v2/');
    const type = isXml ? XML : { 'Content-Type': 'application/json' };
    const headers = new Headers({ ...type, 'X-Request-Id': c.get('requestId') });
    if (status === 503) headers.set('Retry-After', '1');
    const body = isXml ? xmlAnswer('FAIL', message) : JSON.stringify({ code: 'FAIL', message });
    return new Response(body, { status, headers });
  },
};

const MESSAGES: ReadonlyMap<string, string> = new Map([
  ['unauthorized', 'The notify could not be verified'],
  ['order_not_found', 'There is no such order'],
  ['not_found', 'There is no such merchant'],
]);

function requireMchid(text: string): Mchid {
  const mchid = parseMchid(text);
  if (!mchid.ok) throw new ApiError('not_found', 'This merchant is not configured.');
  return mchid.value;
}

/** Late work goes on, and the sweeper delivers a row it leaves behind. Its failure has no answer left, so it is logged here. */
async function doneOrLate(limitMs: number, work: Promise<void>, log: Pick<Logger, 'warn'>): Promise<'done' | 'late'> {
  let isLate = false;
  const done = work.then(
    () => 'done' as const,
    (error: unknown) => {
      if (!isLate) throw error;
      log.warn({ error: describeError(error) }, 'a notify failed after it was answered');
      return 'late' as const;
    },
  );
  const outcome = await within(limitMs, done, 'late' as const);
  isLate = outcome === 'late';
  return outcome;
}
