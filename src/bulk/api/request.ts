import { z } from '@hono/zod-openapi';
import type { NewBulk } from '../store/bulk.js';
import { BULK_ACTIONS } from '../rules/bulk.js';
import { MAX_LIFE_MS } from '../../orders/rules/requests.js';
import { ORDER_STATES, STUCK_REASONS } from '../../orders/rules/states.js';
import { ApiError } from '../../http/kit/api-error.js';
import { instantSchema, reasonSchema } from '../../http/kit/fields.js';

export type BulkRequest = Omit<NewBulk, 'until' | 'at'> & {
  /** With `extend`, and with nothing else. */
  readonly until?: Date | undefined;
};

/** Orders that one bulk may name; by other filters it takes as many as there are. */
export const MAX_ORDER_NOS = 1_000;

/** Longer than any order's number, so that a mistyped one shows as failed in the bulk. */
const MAX_NUMBER_LENGTH = 64;

const filterSchema = z
  .strictObject({
    state: z.enum(ORDER_STATES).optional(),
    stuckReason: z
      .enum([...STUCK_REASONS, 'any'])
      .optional()
      .openapi({ description: '`any`: everything that is stuck.' }),
    createdFrom: instantSchema.optional().openapi({ description: 'Inclusive.' }),
    createdTo: instantSchema.optional().openapi({ description: 'Exclusive; later than `createdFrom`.' }),
    orderNos: z.array(z.string().min(1).max(MAX_NUMBER_LENGTH)).min(1).max(MAX_ORDER_NOS).optional(),
  })
  .openapi('BulkFilter', { description: 'What is given must all be true; nothing given means every order.' });

export const bulkSchema = z
  .strictObject({
    action: z.enum(BULK_ACTIONS),
    filter: filterSchema,
    until: instantSchema.optional().openapi({
      description: 'The new deadline: with `extend`, and only then. In the future, at most 7 days ahead.',
    }),
    reason: reasonSchema,
    dryRun: z.boolean().openapi({ description: 'true: count, sum and a sample, and nothing is done.' }),
  })
  .openapi('StartBulk');

export function bulkRequestOf(
  { action, filter, until, reason }: z.infer<typeof bulkSchema>,
  { mchid, actor }: Pick<BulkRequest, 'mchid' | 'actor'>,
): BulkRequest {
  const created = { createdFrom: dateOf(filter.createdFrom), createdTo: dateOf(filter.createdTo) };
  return { mchid, actor, action, reason, until: dateOf(until), filter: { ...filter, ...created } };
}

const dateOf = (text: string | undefined): Date | undefined => (text === undefined ? undefined : new Date(text));

/** Throws `invalid_request` for what no schema can see: fields that do not go together, and times that make no sense now. */
export function requireSensible({ action, until, filter }: BulkRequest, now: Date): void {
  const { createdFrom, createdTo } = filter;
  if ((action === 'extend') !== (until !== undefined)) {
    throw new ApiError('invalid_request', 'until: is required with "extend", and with no other action.');
  }
  const aheadMs = until === undefined ? undefined : until.getTime() - now.getTime();
  if (aheadMs !== undefined && (aheadMs <= 0 || aheadMs > MAX_LIFE_MS)) {
    throw new ApiError('invalid_request', 'until: must be in the future and within 7 days.');
  }
  if (createdFrom !== undefined && createdTo !== undefined && createdFrom >= createdTo) {
    throw new ApiError('invalid_request', 'filter.createdTo: must be later than createdFrom.');
  }
}
