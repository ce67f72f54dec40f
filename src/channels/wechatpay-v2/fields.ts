import { z } from 'zod';
import type { Fen } from '../../base/money.js';
import { fen as fenOf, maybeTime as timeOf } from '../fields.js';

/** Money on the wire: digits of fen. */
export const fen = z
  .string()
  .regex(/^\d{1,16}$/)
  .transform(Number)
  .pipe(fenOf);

/** Money that does not decide: `null` when it is absent or no fen. */
export const maybeFen = z
  .unknown()
  .optional()
  .transform((value): Fen | null => fen.safeParse(value).data ?? null);

/** A count that does not decide: 0 when it is absent or none. */
export const maybeCount = z
  .unknown()
  .optional()
  .transform((value) => fen.safeParse(value).data ?? 0);

const BEIJING = /^(\d{4})-?(\d\d)-?(\d\d) ?(\d\d):?(\d\d):?(\d\d)$/;

/** `20261122103456` or `2026-11-22 10:34:56`, Beijing time, in milliseconds; it does not decide, so `null` for anything else. */
export const maybeTime = z
  .unknown()
  .optional()
  .transform((value) => timeOf.parse(String(value).replace(BEIJING, '$1-$2-$3T$4:$5:$6+08:00')));
