import { z } from '@hono/zod-openapi';
import type { Db } from '../../db/connection.js';
import { listEvidence } from '../store/evidence.js';
import { countGatewayCalls, keptAnswersAt, lastGatewayCall, quietCalls } from '../store/gateway-call.js';
import { listEvents } from '../../shop-events/store/outbox.js';
import type { OrderRef } from '../store/order.js';
import { openRequests } from '../../actions/store/unfinished.js';
import { explainOrder, type Explanation } from '../rules/explain/explain.js';
import type { ExplainInput } from '../rules/explain/row-facts.js';
import type { OutTradeNo } from '../../base/ids.js';
import type { MerchantEventRecord } from '../../shop-events/rules/event.js';
import type { EvidenceRecord, OrderRecord } from '../rules/record.js';
import { gatewaySchema } from '../../http/kit/fields.js';
import type { IngressDeps } from '../../http/kit/route.js';

export const explanationSchema = z
  .strictObject({
    waitingFor: z.string(),
    since: z.iso.datetime(),
    nextStep: z.string(),
    nextAt: z.iso.datetime().nullable(),
    attempts: z.int(),
    lastAnswer: z
      .strictObject({ api: z.string(), at: z.iso.datetime(), outcome: z.string(), gateway: gatewaySchema.nullable() })
      .nullable(),
    actor: z.enum(['nobody', 'payer', 'shop', 'operator', 'wechat']),
    commands: z.array(z.string()),
    text: z.strictObject({ zh: z.string(), en: z.string() }),
  })
  .openapi('Explanation', { description: 'What the order waits for, since when, what comes next, and who can act.' });

/** What is next is told in English, the text in both languages. */
export function explanationView(explanation: Explanation): z.infer<typeof explanationSchema> {
  const { waitingFor, since, nextStep, nextAt, attempts, lastAnswer, actor, commands, text } = explanation;
  return { waitingFor, since, nextStep, nextAt, attempts, lastAnswer, actor, commands: [...commands], text };
}

export type Explained = {
  readonly explain: Explanation;
  readonly evidence: readonly EvidenceRecord[];
  readonly events: readonly MerchantEventRecord[];
};

/** What an order waits for, with what it was read from; the same for API, page and command line. */
export async function explanationOf(deps: IngressDeps, order: OrderRecord): Promise<Explained> {
  const { db } = deps.connection;
  const ref = { mchid: order.mchid, orderNo: order.orderNo };
  const now = deps.now();
  const [evidence, events, asked, calls, quiet, answeredAt] = await Promise.all([
    listEvidence(db, ref),
    listEvents(db, ref),
    openRequests(db, ref),
    callsOf(db, ref),
    quietCalls(db, ref, now),
    order.attempts.some(({ gateway }) => gateway !== null) ? keptAnswersAt(db, ref) : NONE_KEPT,
  ]);
  const hasEndpoint = deps.merchants.of(order.mchid)?.webhook !== null;
  const known = { ...calls, quiet, answeredAt, evidence, events, asked, hasEndpoint };
  return { explain: explainOrder({ order, ...known, now }), evidence, events };
}

const NONE_KEPT: ReadonlyMap<OutTradeNo, Date> = new Map();

async function callsOf(db: Db, ref: OrderRef): Promise<Pick<ExplainInput, 'lastCall' | 'callCount'>> {
  const lastCall = await lastGatewayCall(db, ref);
  return { lastCall, callCount: lastCall === undefined ? 0 : await countGatewayCalls(db, ref, lastCall.api) };
}
