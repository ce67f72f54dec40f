import { z } from 'zod';
import { appidsOf } from '../../identity/merchant.js';
import { canonical, text } from '../fields.js';
import { refusal, type Answer, type Call, type Operation } from './call.js';

type Parsed<T> = { ok: true; value: T } | { ok: false; answer: Answer };
type Refuse = NonNullable<Operation['refuse']>;

/** The parameters in the given shape, or LACK_PARAMS or PARAM_ERROR for the first wrong one. Others are of no interest. */
export function parseParameters<T>(call: Call, schema: z.ZodType<T>, refuse: Refuse = refusal): Parsed<T> {
  const result = schema.safeParse(Object.fromEntries(call.fields));
  if (result.success) return { ok: true, value: result.data };
  const issue = result.error.issues[0];
  const name = String(issue?.path[0] ?? '');
  const isThere = call.fields.has(name);
  const message = isThere ? `参数${name}不正确，${issue?.message ?? ''}` : `缺少参数${name}`;
  return { ok: false, answer: refuse(isThere ? 'PARAM_ERROR' : 'LACK_PARAMS', message) };
}

const everyCall = z.object({ appid: text(32, 1), nonce_str: text(32, 1), device_info: text(32).optional() });

/** What is wrong with the parameters that every call has. */
export function refuseCommon(call: Call, refuse: Refuse = refusal): Answer | undefined {
  const parsed = parseParameters(call, everyCall, refuse);
  if (!parsed.ok) return parsed.answer;
  const isBound = appidsOf(call.merchant.row).includes(parsed.value.appid);
  return isBound ? undefined : refuse('APPID_MCHID_NOT_MATCH', 'appid和mch_id不匹配');
}

/** The request without what differs each time it is signed, so that equal ones compare equal. */
export function repeatable({ fields }: Call): string {
  const lasting = [...fields].filter(([name]) => !['nonce_str', 'sign', 'sign_type'].includes(name));
  return canonical(Object.fromEntries(lasting));
}

/** At least 1; as digits on the wire. */
export const fen = z
  .string()
  .regex(/^[1-9]\d{0,9}$/, '应为正整数')
  .transform(Number);

/** `yyyyMMddHHmmss`, Beijing time, as ms since the epoch. */
export const moment = z
  .string()
  .regex(/^\d{14}$/, '应为yyyyMMddHHmmss')
  .transform((digits) => Date.parse(digits.replace(/^(....)(..)(..)(..)(..)(..)$/, '$1-$2-$3T$4:$5:$6+08:00')))
  .refine((at) => !Number.isNaN(at), '应为yyyyMMddHHmmss');
