import { z } from 'zod';

const calls = ['prepay', 'query', 'close', 'refund', 'refundQuery', 'abnormalRefund', 'certificates'] as const;

/** What a fault can strike; bills are not served by this sandbox. */
export const faultTargets = [...calls, 'notify', 'pay'] as const;
export type FaultTarget = (typeof faultTargets)[number];

const times = z.int().min(0).default(1);
const ms = z.int().min(0).max(86_400_000);
const where = { on: z.enum(faultTargets), outTradeNo: z.string().min(1).optional(), times };

const kinds = [
  plain('http500'),
  plain('timeoutBefore'),
  plain('timeoutAfter'),
  z.strictObject({
    ...where,
    kind: z.literal('error'),
    status: z.int().min(400).max(599),
    code: z.string().min(1).max(64),
    effect: z.boolean(),
  }),
  z.strictObject({ ...where, kind: z.literal('slow'), ms }),
  z.strictObject({ ...where, kind: z.literal('delay'), ms }),
  z.strictObject({ ...where, kind: z.literal('wrongAmount'), totalFen: z.int().min(1).optional() }),
  plain('stale'),
  plain('payBefore'),
  plain('payAfter'),
  plain('badSignature'),
  plain('signTest'),
  plain('drop'),
  plain('duplicate'),
  plain('wrongKey'),
] as const;

export const faultSchema = z.discriminatedUnion('kind', kinds).superRefine((fault, context) => {
  if (!fits[fault.kind].includes(fault.on)) {
    context.addIssue({ code: 'custom', path: ['kind'], message: `${fault.kind} does not fit on ${fault.on}` });
  }
  if (fault.on === 'certificates' && fault.outTradeNo !== undefined) {
    context.addIssue({ code: 'custom', path: ['outTradeNo'], message: 'a certificates call names no outTradeNo' });
  }
});

export type Fault = z.infer<typeof faultSchema>;
export type FaultKind = Fault['kind'];

const signed: readonly FaultTarget[] = [...calls, 'notify'];

const fits: Record<FaultKind, readonly FaultTarget[]> = {
  http500: calls,
  timeoutBefore: calls,
  timeoutAfter: calls,
  error: calls,
  slow: calls,
  stale: ['query', 'refundQuery'],
  payBefore: ['query', 'close'],
  payAfter: ['query', 'close'],
  badSignature: signed,
  signTest: signed,
  drop: ['notify'],
  delay: ['notify'],
  duplicate: ['notify'],
  wrongKey: ['notify'],
  wrongAmount: ['notify', 'query', 'pay'],
};

function plain<Kind extends string>(kind: Kind) {
  return z.strictObject({ ...where, kind: z.literal(kind) });
}
