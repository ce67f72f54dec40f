import type { BillFile } from '../../bill/bills.js';
import type { Fault } from '../../fault/fault.js';
import type { Merchant } from '../../identity/merchants.js';
import type { Api } from '../apis.js';
import type { Bend } from '../strike.js';
import type { SignType } from './sign.js';
import type { Fields } from './xml.js';

export interface Operation {
  api: Api;
  path: string;
  /** Whether the call comes over TLS with the merchant's own certificate. */
  needsCertificate?: boolean;
  outTradeNo(call: Call): string | undefined;
  /** Whether the call is about what the fault is restricted to; default: its trade. */
  isAbout?(call: Call, fault: Fault): boolean;
  /** How a caller is refused who is known; default {@link refusal}. */
  refuse?: (code: string, message: string) => Answer;
  /** And who is not; default {@link unknownCaller}. */
  refuseUnknown?: (message: string) => Answer;
  run(call: Call, bend: Bend): Answer;
}

export interface Call {
  merchant: Merchant;
  /** Those that are not empty. */
  fields: Fields;
  /** The request's; the answer is signed alike. */
  signType: SignType;
  /** The address by which the caller reached this sandbox, `http://host:port`. */
  origin: string;
}

/** WeChat Pay answers with HTTP 200 whatever happens; only faults and a missing certificate say otherwise. */
export interface Answer {
  status: number;
  /** Of the answer's XML. Those without a `return_code` have the common fields beside them, and if it is signed the `sign`. */
  fields?: Readonly<Record<string, string>>;
  /** Written as it is, in place of `fields`. */
  raw?: { text: string; contentType: string };
  /** Written in place of `fields`. */
  file?: BillFile;
  /** Header `Digest` of a file. */
  digest?: string | undefined;
  retryAfter?: string | undefined;
  signed: boolean;
}

export const success = (fields: Readonly<Record<string, string>>): Answer => ({
  status: 200,
  fields: { result_code: 'SUCCESS', ...fields },
  signed: true,
});

/** The call was understood and is refused. */
export const refusal = (code: string, message: string): Answer => ({
  status: 200,
  fields: { result_code: 'FAIL', err_code: code, err_code_des: message },
  signed: true,
});

/** WeChat Pay does not know the caller: nothing but a reason, and no signature. */
export const unknownCaller = (message: string): Answer => ({
  status: 200,
  fields: { return_code: 'FAIL', return_msg: message },
  signed: false,
});

export const isRefused = ({ fields }: Answer): boolean => fields?.['result_code'] === 'FAIL';
