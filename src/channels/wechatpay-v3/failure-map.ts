import { z } from 'zod';
import type { GatewayApi, GatewayFailureCode, GatewayRefusal } from '../../orders/rules/gateway-answer.js';
import { parseJson } from '../../base/parse-json.js';
import { MAX_GATEWAY_WAIT_MS, parseRetryAfter } from '../../base/outside-time.js';
import { maybeRefusalText } from '../fields.js';
import type { Meaning } from '../flow/call.js';
import type { RawAnswer } from './transport.js';

/** An HTTP answer that is not a success: mostly unsigned, whatever the documentation says. */
export type ErrorAnswer = {
  readonly status: number;
  /** WeChat Pay's `code`; `undefined` when the body is not its JSON. */
  readonly code: string | undefined;
  readonly message: string;
  readonly detail: GatewayRefusal['detail'];
  /** The number at the end of `Request-ID`: finer than `code`, and the only sign of some cases. */
  readonly internalCode: string | undefined;
  readonly retryAfterMs: number | undefined;
};

/** What an error means for one call, in the order in which WeChat Pay's signs are to be believed. */
export function meaningOf<Api extends GatewayApi>(api: Api, error: ErrorAnswer): Meaning<Api> {
  // The HTTP page and the API pages disagree about the code of a 429; the status is certain.
  if (error.status === 429) return 'rate_limited';
  const { internal, codes, other }: ApiMeanings<Api> = MEANINGS[api];
  const code = error.code?.replaceAll('_', '').toUpperCase();
  // The old pages list OPENID_MISMATCH under 500: a verdict on a parameter, nothing was opened.
  if (error.status >= 500) return code === 'OPENIDMISMATCH' ? (codes[code] ?? 'unknown') : 'unknown';
  // 1xx to 3xx are not answers of this gateway, and a body without a code is not its own (a proxy, a wrong address).
  if (error.status < 400 || code === undefined) return 'unknown';
  const { internalCode = '' } = error;
  const finer = internal?.[internalCode] ?? INTERNAL_EVERYWHERE[internalCode];
  return finer ?? codes[code] ?? EVERYWHERE[code] ?? other;
}

type Codes<Api extends GatewayApi> = Readonly<Record<string, Meaning<Api> | undefined>>;
type ApiMeanings<Api extends GatewayApi> = {
  readonly internal?: Codes<Api>;
  readonly codes: Codes<Api>;
  /** A 4xx with a code nobody described: "other 4xx: stop". */
  readonly other: Meaning<Api>;
};

/** Codes without `_` and in upper case, so that `ORDERPAID` and `ORDER_PAID`, `USERPAYING` and `USER_PAYING` are one. */
const EVERYWHERE: Readonly<Record<string, GatewayFailureCode | undefined>> = {
  SIGNERROR: 'merchant_config',
  NOAUTH: 'merchant_config',
  APPIDMCHIDNOTMATCH: 'merchant_config',
  FREQUENCYLIMITED: 'rate_limited',
  FREQUENCYLIMITEXCEED: 'rate_limited',
  RATELIMITEXCEED: 'rate_limited',
  RATELIMITEXCEEDED: 'rate_limited',
  SYSTEMERROR: 'unknown',
  BANKERROR: 'unknown',
  SERVICEUNAVAILABLE: 'unknown',
  USERPAYING: 'unknown',
};

/** Internal codes (the suffix of Request-ID) that say more than the INVALID_REQUEST they come with. */
const PARAMETERS_CHANGED = '268498688';
const ALREADY_PAID = '268498689';
const ALREADY_PAID_TOO = '268449538';
const NO_LONGER_VALID = '268447914';
const NO_SUCH_ORDER = '268512771';
const APPID_NOT_BOUND = '268445527';
const TOO_FREQUENT = '268447840';
const BAD_SIGNATURE = '268443699';

const INTERNAL_EVERYWHERE: Readonly<Record<string, GatewayFailureCode | undefined>> = {
  [APPID_NOT_BOUND]: 'merchant_config',
  [TOO_FREQUENT]: 'rate_limited',
  [BAD_SIGNATURE]: 'merchant_config',
};

const NO_SUCH_MERCHANT = { MCHNOTEXISTS: 'merchant_config', MCHIDNOTEXIST: 'merchant_config' } as const;

const REFUND_CODES = {
  NOTENOUGH: 'notEnough',
  PARAMERROR: 'refused',
  // No such trade or refund, or one that was never paid.
  RESOURCENOTEXISTS: 'refused',
  // A broken business rule, or a number in use with other parameters: only a query can tell.
  INVALIDREQUEST: 'conflict',
  ...NO_SUCH_MERCHANT,
} as const;

const MEANINGS: { readonly [Api in GatewayApi]: ApiMeanings<Api> } = {
  prepay: {
    internal: {
      [PARAMETERS_CHANGED]: 'taken',
      [ALREADY_PAID]: 'conflict',
      [ALREADY_PAID_TOO]: 'conflict',
      [NO_LONGER_VALID]: 'conflict',
    },
    codes: {
      ORDERPAID: 'conflict',
      OUTTRADENOUSED: 'conflict',
      ORDERCLOSED: 'conflict',
      ORDERREVERSED: 'conflict',
      PARAMERROR: 'refused',
      INVALIDREQUEST: 'refused',
      // Another mchid would be another order: nothing to repair here.
      MCHNOTEXISTS: 'refused',
      MCHIDNOTEXIST: 'refused',
      // A risk or product rule, or a receiving account that is restricted: WeChat Pay's table says not to repeat.
      RULELIMIT: 'refused',
      ACCOUNTERROR: 'refused',
      TRADEERROR: 'refused',
      NOTENOUGH: 'refused',
      OPENIDMISMATCH: 'refused',
    },
    other: 'refused',
  },
  charge: {
    internal: { [ALREADY_PAID]: 'conflict', [ALREADY_PAID_TOO]: 'conflict', [NO_LONGER_VALID]: 'conflict' },
    codes: {
      USERPAYING: 'paying',
      // No right to charge codes; the merchant's other payments go on.
      NOAUTH: 'refused',
      ORDERPAID: 'conflict',
      OUTTRADENOUSED: 'conflict',
      ORDERCLOSED: 'conflict',
      ORDERREVERSED: 'conflict',
      AUTHCODEEXPIRE: 'refused',
      AUTHCODEINVALID: 'refused',
      AUTHCODEERROR: 'refused',
      NOTENOUGH: 'refused',
      NOTSUPORTCARD: 'refused',
      NOTSUPPORTCARD: 'refused',
      BUYERMISMATCH: 'refused',
      PARAMERROR: 'refused',
      RULELIMIT: 'refused',
      TRADEERROR: 'refused',
    },
    // A code that nobody described does not say that the payer paid nothing.
    other: 'unknown',
  },
  reverse: {
    internal: { [NO_SUCH_ORDER]: 'notExist' },
    codes: {
      ORDERREVERSED: 'alreadyClosed',
      ORDERCLOSED: 'alreadyClosed',
      ORDERNOTEXIST: 'notExist',
      REVERSEEXPIRE: 'refused',
      PARAMERROR: 'refused',
      INVALIDREQUEST: 'refused',
      ...NO_SUCH_MERCHANT,
    },
    other: 'unknown',
  },
  query: {
    internal: { [NO_SUCH_ORDER]: 'notExist' },
    // An unsigned error never says CLOSED or paid: whatever is not "no such order" leaves the question open.
    codes: { ORDERNOTEXIST: 'notExist', ...NO_SUCH_MERCHANT },
    other: 'unknown',
  },
  close: {
    internal: {
      [ALREADY_PAID]: 'alreadyPaid',
      [ALREADY_PAID_TOO]: 'alreadyPaid',
      [NO_LONGER_VALID]: 'alreadyClosed',
      [NO_SUCH_ORDER]: 'notExist',
    },
    codes: {
      ORDERPAID: 'alreadyPaid',
      ORDERCLOSED: 'alreadyClosed',
      ORDERNOTEXIST: 'notExist',
      ...NO_SUCH_MERCHANT,
    },
    other: 'refused',
  },
  refund: {
    internal: { [PARAMETERS_CHANGED]: 'conflict' },
    codes: {
      ...REFUND_CODES,
      REFUNDFEEMISMATCH: 'conflict',
      // Older than 365 days; a payer's account that is gone.
      TRADEOVERDUE: 'refused',
      USERACCOUNTABNORMAL: 'refused',
      ORDERCLOSED: 'refused',
      ORDERNOTEXIST: 'refused',
      INVALIDREQTOOMUCH: 'rate_limited',
      BIZERRNEEDRETRY: 'unknown',
    },
    // "Refused" sets the money free for another refund: not on the word of a code that nobody described.
    other: 'conflict',
  },
  refundQuery: {
    codes: { RESOURCENOTEXISTS: 'notExist', REFUNDNOTEXIST: 'notExist', ...NO_SUCH_MERCHANT },
    other: 'unknown',
  },
  abnormalRefund: { codes: REFUND_CODES, other: 'conflict' },
  certificates: {
    // A merchant created in public-key mode has no platform certificate to download.
    codes: { RESOURCENOTEXISTS: 'notExist' },
    other: 'merchant_config',
  },
  bill: {
    codes: {
      NOSTATEMENTEXIST: 'none',
      STATEMENTCREATING: 'creating',
      // Bills are a right of their own: the merchant's payments go on.
      NOAUTH: 'refused',
      ...NO_SUCH_MERCHANT,
    },
    other: 'refused',
  },
  // An address lives for five minutes, and whatever else is wrong with one, another is asked for.
  billFile: { codes: {}, other: 'expired' },
};

const errorBody = z.object({
  code: z.string().regex(/^\w{1,64}$/),
  message: maybeRefusalText(256),
  /** The parameter that was refused; its `value` may be an openid and is left out. */
  detail: z
    .object({ field: maybeRefusalText(128), issue: maybeRefusalText(256) })
    .transform(({ field, issue }) => (field === null && issue === null ? null : { field, issue }))
    .optional()
    .catch(undefined),
});

/** Reads `{code, message, detail}`, the internal code at the end of Request-ID, and Retry-After. Never throws. */
export function readError(answer: RawAnswer, now: Date): ErrorAnswer {
  const body = errorBody.safeParse(parseJson(answer.body)).data;
  return {
    status: answer.status,
    code: body?.code,
    message: body?.message ?? '',
    detail: body?.detail ?? null,
    internalCode: /-([0-9]+)$/.exec(answer.headers['request-id'] ?? '')?.[1],
    retryAfterMs: parseRetryAfter(answer.headers['retry-after'], now, MAX_GATEWAY_WAIT_MS) ?? undefined,
  };
}
