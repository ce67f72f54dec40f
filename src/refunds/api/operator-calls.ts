import { createRoute, z } from '@hono/zod-openapi';
import { OUT_REFUND_NO_PATTERN, parseOutRefundNo } from '../../base/ids.js';
import { refundAnswer } from '../../orders/rules/view.js';
import { CARD_BANK_TYPES } from '../rules/source.js';
import { REFUND_RESOLVE_ACTIONS } from '../rules/states.js';
import { bookExternalRefund } from '../use-cases/external.js';
import { rescueRefund, resolveRefund } from '../use-cases/resolve.js';
import { problems } from '../../http/kit/problem.js';
import { operatorAsker } from '../../http/kit/actor.js';
import { bodyLike, bodyOf } from '../../http/kit/call.js';
import { parsedText, printableText, reasonOnly, reasonSchema } from '../../http/kit/fields.js';
import { useCaseDeps, type Route } from '../../http/kit/route.js';
import { orderRefOf, orderRequest } from '../../orders/api/order-call.js';
import { refundRefOf, refundContent, refundRequest } from './refund-call.js';

export const registerRefundOperatorCalls: Route = (app, given) => {
  const deps = useCaseDeps(given);
  app.openapi(external, async (c) => {
    const { outRefundNo, reason } = c.req.valid('json');
    const ref = orderRefOf(c);
    const { refund, isNew } = await bookExternalRefund(deps, ref, outRefundNo, operatorAsker(c.get('actor'), reason));
    return c.json(refundAnswer(refund), isNew ? 201 : 200);
  });
  app.openapi(rescue, async (c) => {
    const ref = refundRefOf(c);
    const asker = operatorAsker(c.get('actor'), c.req.valid('json').reason);
    return c.json(refundAnswer(await rescueRefund(deps, ref, asker)), 200);
  });
  app.openapi(resolve, async (c) => {
    const { reason, ...decision } = c.req.valid('json');
    const ref = refundRefOf(c);
    return c.json(refundAnswer(await resolveRefund(deps, ref, decision, operatorAsker(c.get('actor'), reason))), 200);
  });
};

const outRefundNoSchema = parsedText(parseOutRefundNo, 'must be 1 to 64 of 0-9A-Za-z_-|*@').openapi({
  type: 'string',
  pattern: OUT_REFUND_NO_PATTERN,
  example: 'mp-20260301-1',
});

const externalRefundSchema = z
  .strictObject({ outRefundNo: outRefundNoSchema, reason: reasonSchema })
  .openapi('ExternalRefund');

const EXTERNAL_EXAMPLES = {
  platform: { value: { outRefundNo: 'mp-20260301-1', reason: 'Made in the merchant platform' } },
} as const;

const external = createRoute({
  method: 'post',
  path: '/v1/orders/{orderNo}/external-refunds',
  operationId: 'recordExternalRefund',
  tags: ['Operators'],
  summary: 'Book a refund that somebody else made at WeChat Pay',
  description:
    "For a refund made in the merchant platform or by another system, of which no notify came. WeChat Pay is asked about it by its number; what it says becomes a refund with `cause: external`, which leaves less for PaySaga to give back. Where the shop or PaySaga asked for a refund under the same number with other terms, that one becomes it: the shop is told `refund.rejected` of what was asked for, and the rest of one of PaySaga's own goes back under its next number. If WeChat Pay knows the number as that of another payment, a refund of this order under it ends, and its money is free.",
  security: [{ apiKey: [] }],
  request: { ...orderRequest, body: bodyLike(externalRefundSchema, EXTERNAL_EXAMPLES) },
  responses: {
    200: refundContent('Known already: the refund as it is.'),
    201: refundContent('Booked, or what was asked for under its number has become it.'),
    ...problems(
      'order_not_found',
      'order_not_paid',
      'refund_not_at_wechat',
      'refund_of_another_order',
      'refund_conflict',
      'outcome_pending',
    ),
  },
});

const rescue = createRoute({
  method: 'post',
  path: '/v1/refunds/{refundNo}/rescue',
  operationId: 'rescueRefund',
  tags: ['Operators'],
  summary: 'Let a refund go on whose workflow cannot',
  description: 'Ends the run that cannot go on and starts the refund again from its row, under the same number.',
  security: [{ apiKey: [] }],
  request: { ...refundRequest, body: bodyOf(reasonOnly) },
  responses: { 200: refundContent('It goes on.'), ...problems('refund_not_found', 'not_stalled', 'outcome_pending') },
});

const cardSchema = z
  .strictObject({
    bankType: z.enum(CARD_BANK_TYPES).openapi({ description: "WeChat Pay's word for the bank of a debit card." }),
    bankAccount: z.string().regex(/^\d{8,30}$/, "must be the card's number, digits alone"),
    realName: printableText(120).openapi({ description: 'Of the holder, who is the payer.' }),
  })
  .openapi({
    description:
      "Of `abnormalRefund`: the payer's own card. Number and name are encrypted with WeChat Pay's key before they are kept. Without it the money goes to the merchant's own card.",
  });

const resolveSchema = z
  .strictObject({ action: z.enum(REFUND_RESOLVE_ACTIONS), card: cardSchema.optional(), reason: reasonSchema })
  .refine(({ action, card }) => card === undefined || action === 'abnormalRefund', {
    path: ['card'],
    message: 'is only for abnormalRefund',
  })
  .openapi('ResolveRefund');

const RESOLVE_EXAMPLES = {
  paidOffline: { value: { action: 'paidOffline', reason: 'Paid back by bank transfer' } },
} as const;

const resolve = createRoute({
  method: 'post',
  path: '/v1/refunds/{refundNo}/resolve',
  operationId: 'resolveRefund',
  tags: ['Operators'],
  summary: 'Decide what becomes of a refund that does not end by itself',
  description:
    "WeChat Pay is asked first: it has to confirm what the decision is based on. `abnormalRefund` sends an `abnormal` one to the payer's bank card, or without `card` to the merchant's own, from which the merchant pays the payer; `paidOffline` ends it as paid back outside WeChat Pay, or, where it is one of PaySaga's own that was `rejected` or `closed`, makes a successor that is `succeeded` and `offline` and never sent; `reissue` makes the successor of one of PaySaga's own that was `rejected` or `closed`.",
  security: [{ apiKey: [] }],
  request: { ...refundRequest, body: bodyLike(resolveSchema, RESOLVE_EXAMPLES) },
  responses: {
    200: refundContent('Done; the refund that took its place, where there is one.'),
    ...problems(
      'refund_not_found',
      'reissue_not_allowed',
      'resolve_unconfirmed',
      'resolve_not_applicable',
      'abnormal_refund_refused',
      'refund_above_limit',
      'outcome_pending',
    ),
  },
});
