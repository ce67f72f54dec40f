import type { GatewayApi, GatewayFailureCode } from '../../orders/rules/gateway-answer.js';
import type { Meaning } from '../flow/call.js';

/** What WeChat Pay says in place of a success, proven to be its own. */
export type SaidError = { readonly code: string; readonly message: string };

/** What a proven error means for one call. */
export function meaningOf<Api extends GatewayApi>(api: Api, { code, message }: SaidError): Meaning<Api> {
  const { words = [], codes, other }: ApiMeanings<Api> = MEANINGS[api];
  const told = words.find(([text]) => message.includes(text));
  if (told !== undefined) return told[1];
  const word = plainCode(code);
  return codes[word] ?? EVERYWHERE[word] ?? other;
}

/** `ORDERPAID` and `ORDER_PAID`, `AUTHCODEEXPIRE` and `AUTH_CODE_EXPIRE` are one; bills write `No Bill Exist` and `NO_BILL_EXIST`. */
export const plainCode = (code: string): string => code.replaceAll(/[_\s]/g, '').toUpperCase();

type ApiMeanings<Api extends GatewayApi> = {
  /** In WeChat Pay's own words: the only sign of some cases. */
  readonly words?: readonly (readonly [text: string, meaning: Meaning<Api>])[];
  readonly codes: Readonly<Record<string, Meaning<Api> | undefined>>;
  /** For a code that nobody described. */
  readonly other: Meaning<Api>;
};

const EVERYWHERE: Readonly<Record<string, GatewayFailureCode | undefined>> = {
  SIGNERROR: 'merchant_config',
  NOAUTH: 'merchant_config',
  CERTERROR: 'merchant_config',
  APPIDNOTEXIST: 'merchant_config',
  APPIDMCHIDNOTMATCH: 'merchant_config',
  MCHIDNOTEXIST: 'merchant_config',
  MCHNOTEXISTS: 'merchant_config',
  FREQUENCYLIMITED: 'rate_limited',
  FREQUENCYLIMITEXCEED: 'rate_limited',
  RATELIMITEXCEEDED: 'rate_limited',
  SYSTEMERROR: 'unknown',
  BANKERROR: 'unknown',
  USERPAYING: 'unknown',
};

/** The document itself was refused: nothing of it was done, and the same document is refused again. */
const NOT_TAKEN = {
  PARAMERROR: 'refused',
  LACKPARAMS: 'refused',
  XMLFORMATERROR: 'refused',
  REQUIREPOSTMETHOD: 'refused',
  POSTDATAEMPTY: 'refused',
  NOTUTF8: 'refused',
} as const;

const NONE_OF_IT = { codes: {}, other: 'unknown' } as const;

const MEANINGS: { readonly [Api in GatewayApi]: ApiMeanings<Api> } = {
  prepay: {
    // Under INVALID_REQUEST: the number was opened with other parameters.
    words: [['商户订单号重复', 'taken']],
    codes: {
      ...NOT_TAKEN,
      ORDERPAID: 'conflict',
      OUTTRADENOUSED: 'conflict',
      ORDERCLOSED: 'conflict',
      ORDERREVERSED: 'conflict',
      // Another mchid would be another order: nothing to repair here.
      MCHIDNOTEXIST: 'refused',
      MCHNOTEXISTS: 'refused',
    },
    other: 'refused',
  },
  charge: {
    codes: {
      ...NOT_TAKEN,
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
      // The payer did not type the password.
      TRADEERROR: 'refused',
    },
    // A code that nobody described does not say that the payer paid nothing.
    other: 'unknown',
  },
  reverse: {
    codes: {
      ...NOT_TAKEN,
      ORDERREVERSED: 'alreadyClosed',
      ORDERCLOSED: 'alreadyClosed',
      ORDERNOTEXIST: 'notExist',
      REVERSEEXPIRE: 'refused',
      INVALIDREQUEST: 'refused',
      INVALIDTRANSACTIONID: 'refused',
    },
    other: 'unknown',
  },
  query: { codes: { ORDERNOTEXIST: 'notExist' }, other: 'unknown' },
  close: {
    codes: { ORDERPAID: 'alreadyPaid', ORDERCLOSED: 'alreadyClosed', ORDERNOTEXIST: 'notExist' },
    // Too early is told by no code that is published, and right a while later.
    other: 'unknown',
  },
  refund: {
    codes: {
      ...NOT_TAKEN,
      NOTENOUGH: 'notEnough',
      // Older than a year; a payer's account that is gone; no such trade, or one that was never paid.
      TRADEOVERDUE: 'refused',
      USERACCOUNTABNORMAL: 'refused',
      ORDERNOTEXIST: 'refused',
      INVALIDTRANSACTIONID: 'refused',
      INVALIDREQTOOMUCH: 'rate_limited',
      BIZERRNEEDRETRY: 'unknown',
    },
    // "Refused" sets the money free for another refund: not on the word of a code that says nothing of the number.
    other: 'conflict',
  },
  refundQuery: { codes: { REFUNDNOTEXIST: 'notExist' }, other: 'unknown' },
  bill: {
    codes: {
      NOBILLEXIST: 'none',
      BILLCREATING: 'creating',
      // The number of both; a day without a bill is told by the word alone.
      20002: 'creating',
      // Bills are a right of their own: the merchant's payments go on.
      NOAUTH: 'refused',
      COMPRESSGZIPERROR: 'unknown',
      UNCOMPRESSGZIPERROR: 'unknown',
    },
    other: 'refused',
  },
  // Whatever is wrong with it by now, it is asked for from the beginning.
  billFile: { codes: {}, other: 'expired' },
  abnormalRefund: NONE_OF_IT,
  certificates: NONE_OF_IT,
};
