import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { billKinds } from '../bill/bills.js';
import { fundColumns } from '../bill/fund-bill.js';
import { tradeColumns } from '../bill/trade-bill.js';
import { apis } from '../wire/apis.js';

const faultTargets = [...apis, 'notify', 'pay'] as const;
export type FaultTarget = (typeof faultTargets)[number];

const times = z.int().min(0).default(1);
const ms = z.int().min(0).max(86_400_000);
const where = {
  on: z.enum(faultTargets),
  outTradeNo: z.string().min(1).optional(),
  bill: z.enum(billKinds).optional(),
  times,
};

const headerText = z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'not a header value');

/** The kinds that have no settings of their own. */
const plain = z.enum([
  ...['http500', 'timeoutBefore', 'timeoutAfter', 'stale', 'payBefore', 'payAfter'],
  ...['badSignature', 'signTest', 'drop', 'duplicate', 'wrongKey', 'recall'],
] as const);

const column = z.string().refine((name) => [...tradeColumns, ...fundColumns].includes(name), 'no column of a bill');

/** Strikes the `line`th line of the trade, or of the file. Its summary adds up its own lines, or those of the books. */
const ofLine = { ...where, line: z.int().min(1).default(1), summary: z.enum(['lines', 'books']).default('lines') };

const kinds = [
  z.strictObject({ ...where, kind: plain }),
  z.strictObject({
    ...where,
    kind: z.literal('error'),
    status: z.int().min(200).max(599),
    /** Required for a refusal that has no `body`; a success without it is the operation's own answer. */
    code: z.string().min(1).max(64).optional(),
    effect: z.boolean(),
    message: z.string().optional(),
    detail: z.json().optional(),
    retryAfter: headerText.optional(),
    /** Whether the answer carries a signature; default true, without one for a raw `body`. */
    signed: z.boolean().optional(),
    /** Replaces `code`, `message` and `detail`. */
    body: z.string().optional(),
    contentType: headerText.optional(),
  }),
  z.strictObject({ ...where, kind: z.enum(['slow', 'delay']), ms }),
  z.strictObject({ ...where, kind: z.literal('wrongAmount'), totalFen: z.int().min(1).optional() }),
  z.strictObject({ ...where, kind: z.enum(['creating', 'wrongHash', 'truncated']) }),
  z.strictObject({ ...ofLine, kind: z.literal('missingLine') }),
  /** The line once more, with these cells in place of its own. */
  z.strictObject({ ...ofLine, kind: z.literal('extraLine'), cells: z.record(column, z.string()).optional() }),
  /** The cell is written as it is. */
  z.strictObject({ ...ofLine, kind: z.literal('alteredLine'), column, value: z.string() }),
] as const;

export const faultSchema = z.discriminatedUnion('kind', kinds).superRefine((fault, context) => {
  if (!fits[fault.kind].includes(fault.on)) {
    context.addIssue({ code: 'custom', path: ['kind'], message: `${fault.kind} does not fit on ${fault.on}` });
  }
  if (fault.on === 'certificates' && fault.outTradeNo !== undefined) {
    context.addIssue({ code: 'custom', path: ['outTradeNo'], message: 'a certificates call names no outTradeNo' });
  }
  if (fault.bill !== undefined && !bills.includes(fault.on)) {
    context.addIssue({ code: 'custom', path: ['bill'], message: `${fault.on} names no bill` });
  }
  if (fault.kind === 'error')
    checkError(fault, (name, message) => context.addIssue({ code: 'custom', path: [name], message }));
});

export type Fault = z.infer<typeof faultSchema>;
export type FaultKind = Fault['kind'];
export type BillFault = Extract<
  Fault,
  { kind: 'creating' | 'wrongHash' | 'truncated' | 'missingLine' | 'extraLine' | 'alteredLine' }
>;
export type ErrorFault = Extract<Fault, { kind: 'error' }>;

function checkError(fault: ErrorFault, refuse: (name: string, message: string) => void): void {
  const { status, code, body, message, detail, contentType } = fault;
  if (code === undefined && body === undefined && status >= 300) refuse('code', 'an error has a code or a body');
  if (body !== undefined && (code ?? message ?? detail) !== undefined)
    refuse('body', 'it replaces code, message and detail');
  if (code === undefined && (message ?? detail) !== undefined) refuse('code', 'message and detail go with a code');
  if (contentType !== undefined && body === undefined) refuse('contentType', 'it goes with a body');
  if (status === 204 && (body ?? code) !== undefined) refuse('status', 'a 204 has no body');
}

const bills: readonly FaultTarget[] = ['bill', 'billFile'];
const signed: readonly FaultTarget[] = [...apis.filter((api) => api !== 'billFile'), 'notify'];

const fits: Record<FaultKind, readonly FaultTarget[]> = {
  http500: apis,
  timeoutBefore: apis,
  timeoutAfter: apis,
  error: apis,
  slow: apis,
  stale: ['query', 'refundQuery'],
  payBefore: ['query', 'close', 'reverse'],
  payAfter: ['query', 'close', 'reverse'],
  recall: ['reverse'],
  badSignature: signed,
  signTest: signed,
  drop: ['notify'],
  delay: ['notify'],
  duplicate: ['notify'],
  wrongKey: ['notify'],
  wrongAmount: ['notify', 'query', 'pay'],
  creating: ['bill'],
  wrongHash: ['bill'],
  truncated: bills,
  missingLine: bills,
  extraLine: bills,
  alteredLine: bills,
};

/** `left`: further calls that it strikes; null: until it is removed. */
type PlacedFault = Fault & { id: string; mchid: string; left: number | null };

/** Matches the faults that may strike what is about this trade. */
export const ofTrade =
  (outTradeNo: string | undefined) =>
  (fault: Fault): boolean =>
    fault.outTradeNo === undefined || fault.outTradeNo === outTradeNo;

export type Faults = ReturnType<typeof createFaults>;

/** Faults live in memory: a restarted sandbox is a healthy one. */
export function createFaults() {
  let placed: PlacedFault[] = [];
  const place = (mchid: string, faults: Fault[]): PlacedFault[] => {
    const added = faults.map((fault) => ({ id: randomUUID(), mchid, ...fault, left: fault.times || null }));
    placed = [...placed, ...added];
    return added;
  };
  const clear = (mchid: string) => void (placed = placed.filter((fault) => fault.mchid !== mchid));
  return {
    /** The first fault in list order that matches. `probed`: the call repeats one that got a signature probe. */
    take(
      mchid: string,
      on: FaultTarget,
      isAbout: (fault: Fault) => boolean,
      call?: { probed: boolean },
    ): Fault | undefined {
      const fault = placed.find(
        (candidate) =>
          candidate.mchid === mchid &&
          candidate.on === on &&
          candidate.left !== 0 &&
          // WeChat Pay does not probe a retry again.
          !(candidate.kind === 'signTest' && call?.probed) &&
          isAbout(candidate),
      );
      if (fault && fault.left !== null) fault.left -= 1;
      return fault;
    },
    list: (mchid: string) => placed.filter((fault) => fault.mchid === mchid),
    replace(mchid: string, faults: Fault[]) {
      clear(mchid);
      return place(mchid, faults);
    },
    append: place,
    clear,
    remove(mchid: string, id: string) {
      const before = placed.length;
      placed = placed.filter((fault) => fault.mchid !== mchid || fault.id !== id);
      return placed.length < before;
    },
  };
}
