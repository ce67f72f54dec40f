import { createHash } from 'node:crypto';
import { fundAccounts, type BillFile, type BillKind, type BillRequest } from '../../bill/bills.js';
import { billing, parseDay } from '../../bill/day.js';
import { chunksOf, type Line } from '../../bill/file.js';
import { tradeBillTypes } from '../../bill/trade-bill.js';
import type { BillFault, Fault } from '../../fault/fault.js';
import type { Gateway } from '../../gateway.js';
import { bentFile, strikesBill } from '../bill-fault.js';
import type { Answer, Call, Operation } from './call.js';

/** The files of a day, answered at once; a refusal is XML that nobody signed. */
export function billOperations(gateway: Gateway): Operation[] {
  const download = (kind: BillKind, path: string): Operation => ({
    api: 'bill',
    path,
    needsCertificate: kind === 'fundflow',
    outTradeNo: () => undefined,
    isAbout: (call, fault) => isAbout(gateway, call, kind, fault),
    ...refusalsOf[kind],
    run: (call, bend) => answer(gateway, call, kind, bend.bill),
  });
  return [download('trade', '/pay/downloadbill'), download('fundflow', '/pay/downloadfundflow')];
}

/** The two say differently what is wrong: `error_code` here, `err_code` there. */
const refusalsOf = {
  trade: {
    refuse: (code: string, message: string) => tradeRefusal(message, code),
    refuseUnknown: (message: string) => tradeRefusal(message === '签名错误' ? 'sign error' : message),
  },
  fundflow: { refuse: fundRefusal },
} as const satisfies Record<BillKind, Pick<Operation, 'refuse' | 'refuseUnknown'>>;

function tradeRefusal(message: string, errorCode = '20001'): Answer {
  return {
    status: 200,
    fields: { return_code: 'FAIL', return_msg: message, error_code: errorCode },
    signed: false,
  };
}

function fundRefusal(code: string, message: string): Answer {
  const fields = { return_code: 'SUCCESS', result_code: 'FAIL', err_code: code, err_code_des: message };
  return { status: 200, fields, signed: false };
}

const refusals = {
  trade: {
    creating: tradeRefusal('Bill Creating', '20003'),
    none: tradeRefusal('No Bill Exist', '20002'),
    date: tradeRefusal('invalid bill_date'),
    type: tradeRefusal('invalid bill_type'),
    zip: tradeRefusal('invalid tar_type'),
  },
  fundflow: {
    creating: fundRefusal('BILL_CREATING', '账单未生成'),
    none: fundRefusal('NO_BILL_EXIST', '账单不存在'),
    date: fundRefusal('PARAM_ERROR', '参数bill_date不正确'),
    type: fundRefusal('PARAM_ERROR', '参数account_type不正确'),
    zip: fundRefusal('PARAM_ERROR', '参数tar_type不正确'),
  },
} as const;

function answer({ bills, clock }: Gateway, call: Call, kind: BillKind, fault: BillFault | undefined): Answer {
  const refused = refusals[kind];
  if (kind === 'fundflow' && call.signType !== 'HMAC-SHA256') return fundRefusal('PARAM_ERROR', '仅支持HMAC-SHA256');
  const request = parseRequest(call, kind);
  if (typeof request === 'string') return refused[request];
  const state = billing(request.day, clock.now());
  if (state === 'outOfRange') return refused.date;
  if (state === 'creating' || fault?.kind === 'creating') return refused.creating;
  const bill = bills.make(request);
  if (bill.lines.length === 0) return refused.none;
  const isZipped = call.fields.get('tar_type') === 'GZIP';
  const file = { mchid: request.mchid, kind, bill, isZipped, ...bentFile(fault) };
  return { status: 200, file, signed: false, digest: kind === 'fundflow' ? digestOf(file, fault) : undefined };
}

/** Of the file before it is zipped. */
function digestOf(file: BillFile, fault: BillFault | undefined): string {
  const hash = createHash('sha1');
  for (const chunk of chunksOf(file.bill, file.lineFault)) hash.update(chunk);
  if (fault?.kind === 'wrongHash') hash.update('another file');
  return `SHA=${hash.digest('hex')}`;
}

function parseRequest({ fields, merchant }: Call, kind: BillKind): BillRequest | 'date' | 'type' | 'zip' {
  const { mchid } = merchant.row;
  const day = parseDay((fields.get('bill_date') ?? '').replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3'));
  if (!day || fields.get('bill_date') === day.date) return 'date';
  if ((fields.get('tar_type') ?? 'GZIP') !== 'GZIP') return 'zip';
  const type = tradeBillTypes.find((one) => one === (fields.get('bill_type') ?? 'ALL'));
  const account = fundAccounts.find((one) => one === fields.get('account_type')?.toUpperCase());
  if (kind === 'trade') return type ? { mchid, day, kind, type } : 'type';
  return account ? { mchid, day, kind, account } : 'type';
}

/** Nothing of these answers is signed, and nothing says the hash of a trade bill. */
function isAbout(gateway: Gateway, call: Call, kind: BillKind, fault: Fault): boolean {
  if (fault.kind === 'badSignature' || (fault.kind === 'wrongHash' && kind === 'trade')) return false;
  return strikesBill(fault, kind, () => linesToHave(gateway, call, kind));
}

function linesToHave({ bills, clock }: Gateway, call: Call, kind: BillKind): readonly Line[] {
  const request = parseRequest(call, kind);
  const isReady = typeof request !== 'string' && billing(request.day, clock.now()) === 'ready';
  return isReady ? bills.make(request).lines : [];
}
