import { within } from '../../base/within.js';
import { createRoute, z } from '@hono/zod-openapi';
import type { Logger } from 'pino';
import { type Mchid, parseMchid } from '../../base/ids.js';
import { ApiError, ERRORS } from '../../http/kit/api-error.js';
import type { ErrorForm } from '../../http/kit/problem.js';
import { readBody } from '../../http/kit/body.js';
import { acceptNotify, createRejectionLog } from './accept-notify.js';
import { describeError } from '../../base/describe-error.js';
import { isNotifyPath, type Route } from '../../http/kit/route.js';

/** What WeChat Pay may seal in one notify. */
const MAX_BYTES = 1024 * 1024;
/** WeChat Pay waits 5 s. */
const DEADLINE_MS = 4_000;

const failSchema = z.strictObject({ code: z.literal('FAIL'), message: z.string() }).openapi('NotifyFailure');
const failure = (description: string) => ({ description, content: { 'application/json': { schema: failSchema } } });

const route = createRoute({
  method: 'post',
  path: '/notify/wechatpay/v3/{mchid}',
  operationId: 'receiveNotify',
  tags: ['WeChat Pay'],
  summary: 'Where WeChat Pay sends its notifies',
  description:
    'Answers a success only after the notify is recorded and its order or refund has been told, within 4 s; everything else makes WeChat Pay repeat it.',
  request: { params: z.object({ mchid: z.string() }) },
  responses: {
    204: {
      description:
        'Recorded, and the order or the refund has been told; or kept as `unsupported`, being of a kind that is not handled.',
    },
    401: failure('Not a notify of WeChat Pay for this merchant.'),
    404: failure('No such merchant, or no order with this outTradeNo: kept, and matched again when it is repeated.'),
    413: failure('Larger than 1 MiB.'),
    415: failure('Packed: what is verified is the bytes as they came.'),
    500: failure('Something went wrong here.'),
    503: failure('Not recorded and delivered in time.'),
  },
});

export const registerNotify: Route = (app, deps) => {
  const accept = { ...deps, logRejection: createRejectionLog(deps.log, deps.now) };
  app.openapi(route, async (c) => {
    const mchid = requireMchid(c.req.valid('param').mchid);
    const work = async (): Promise<void> => {
      const body = await readBody(c, MAX_BYTES);
      const about = (facts: Readonly<Record<string, string>>): void => c.set('about', facts);
      await acceptNotify({ ...accept, about }, mchid, { body, headers: c.req.header() });
    };
    const outcome = await doneOrLate(deps.notifyDeadlineMs ?? DEADLINE_MS, work(), deps.log);
    if (outcome === 'late') {
      deps.notifyCounters.count('unanswered');
      throw new ApiError('unavailable', 'Not delivered in time.');
    }
    return c.body(null, 204);
  });
};

/** Makes WeChat Pay repeat the notify. The message is fixed: probing teaches nothing. */
export const notifyErrors: ErrorForm = {
  covers: isNotifyPath,
  answer(c, { code }) {
    const { status, title } = ERRORS[code];
    const headers = new Headers({ 'Content-Type': 'application/json', 'X-Request-Id': c.get('requestId') });
    if (status === 503) headers.set('Retry-After', '1');
    return new Response(JSON.stringify({ code: 'FAIL', message: MESSAGES.get(code) ?? title }), { status, headers });
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
