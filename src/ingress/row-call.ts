import { z } from '@hono/zod-openapi';
import type { Mchid } from '../base/ids.js';
import { mchidQuery } from './orders/order-call.js';
import { reasonBody } from './reason.js';

/** One row of the caller's merchant, by the id that came. */
export type RowCall = { readonly mchid: Mchid; readonly id: string };

/** What every operator's call about one row has in common: its path and its body. */
export const rowRequest = {
  params: z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) }),
  query: mchidQuery,
  body: reasonBody,
};
