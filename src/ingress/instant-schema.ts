import { z } from '@hono/zod-openapi';
import { isStorable } from '../db/columns.js';

/** A time as callers write it, RFC 3339 with its offset, that Postgres can hold. */
export const instantSchema = z.iso
  .datetime({ offset: true })
  .refine((text) => isStorable(new Date(text)), 'must be in the years 1 to 9999 of UTC');
