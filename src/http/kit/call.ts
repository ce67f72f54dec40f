import { z } from '@hono/zod-openapi';
import { ApiError } from './api-error.js';
import { reasonOnly } from './fields.js';

const json = <Schema extends z.ZodType>(schema: Schema) => ({ 'application/json': { schema } });

export const bodyOf = <Schema extends z.ZodType>(schema: Schema, required = true) => ({
  required,
  content: json(schema),
});

/** A body with examples of it, by name. */
export const bodyLike = <Schema extends z.ZodType>(
  schema: Schema,
  examples: Readonly<Record<string, { readonly value: z.input<Schema> }>>,
  required = true,
) => ({ required, content: { 'application/json': { schema, examples } } });

export const answer = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: json(schema),
});

export const pageAnswer = <Item extends z.ZodType>(name: string, item: Item) =>
  answer(
    'One page; `nextCursor` is null on the last.',
    z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() }).openapi(name),
  );

export const mchidQuery = z.object({
  mchid: z
    .string()
    .optional()
    .openapi({
      param: { name: 'mchid', in: 'query' },
      description: 'Required for an operator key with several merchants.',
    }),
});

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

/** Throws `invalid_request` for a cursor that no page gave out. */
export function pageOf<T>(page: T | 'bad_cursor'): T {
  if (page === 'bad_cursor') throw new ApiError('invalid_request', 'query cursor: is not one that a page gave.');
  return page;
}

/** A row's id, as lists and answers tell it. */
export const idParam = z.object({
  id: z.string().openapi({ param: { name: 'id', in: 'path' }, example: '01980c2a-7f53-7cc1-9d6e-3a6f0f3f9b11' }),
});

export const rowRequest = {
  params: idParam,
  query: mchidQuery,
  body: bodyOf(reasonOnly),
};
