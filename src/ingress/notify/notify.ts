import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { type Mchid, parseMchid } from '../../base/ids.js';
import { ApiError } from '../api-error.js';
import type { IngressDeps } from '../deps.js';
import type { IngressEnv } from '../env.js';
import { readBody } from '../read-body.js';
import { acceptNotify, type AcceptDeps } from './accept.js';
import { createRejectionLog } from './rejection-log.js';
import { within } from './within.js';

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

export type NotifyDeps = IngressDeps & Pick<AcceptDeps, 'counters' | 'metrics'>;

export function registerNotify(app: OpenAPIHono<IngressEnv>, deps: NotifyDeps): void {
  const { counters } = deps;
  const accept = { ...deps, logRejection: createRejectionLog(deps.log, deps.now) };
  app.openapi(route, async (c) => {
    const mchid = requireMchid(c.req.valid('param').mchid);
    const work = async (): Promise<void> => {
      const body = await readBody(c, MAX_BYTES);
      const about = (facts: Readonly<Record<string, string>>): void => c.set('about', facts);
      await acceptNotify({ ...accept, about }, mchid, { body, headers: c.req.header() });
    };
    const outcome = await within(deps.notifyDeadlineMs ?? DEADLINE_MS, work(), deps.log);
    if (outcome === 'late') {
      counters.count('unanswered');
      throw new ApiError('unavailable', 'Not delivered in time.');
    }
    return c.body(null, 204);
  });
}

function requireMchid(text: string): Mchid {
  const mchid = parseMchid(text);
  if (!mchid.ok) throw new ApiError('not_found', 'This merchant is not configured.');
  return mchid.value;
}
