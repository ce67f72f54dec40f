import { z } from '@hono/zod-openapi';
import { ApiError } from './api-error.js';

/** Query parameters of every list. */
export const pageQuery = {
  cursor: z.string().max(500).optional().openapi({ description: '`nextCursor` of the page before.' }),
  limit: z
    .string()
    .regex(/^\d{1,3}$/, 'must be 1 to 200')
    .transform(Number)
    .pipe(z.int().min(1).max(200))
    .default(50)
    .openapi({ type: 'integer', minimum: 1, maximum: 200, default: 50 }),
};

/** A page, or `invalid_request` for a cursor that no page gave out. */
export function pageOf<T>(page: T | 'bad_cursor'): T {
  if (page === 'bad_cursor') throw new ApiError('invalid_request', 'query cursor: is not one that a page gave.');
  return page;
}
