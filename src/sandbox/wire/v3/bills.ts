import { createHash } from 'node:crypto';
import { fundAccounts, type BillFile, type BillKind, type BillRequest } from '../../bill/bills.js';
import { billing, parseDay } from '../../bill/day.js';
import type { Line } from '../../bill/file.js';
import { tradeBillTypes } from '../../bill/trade-bill.js';
import type { BillFault } from '../../fault/fault.js';
import type { Gateway } from '../../gateway.js';
import { bentFile, strikesBill } from '../bill-fault.js';
import { errors, parameterError, success, type Answer, type Call, type Operation } from './call.js';

const filePath = '/v3/billdownload/file';

/** The applications for a bill and the download of its file, whose answer is the only one without a signature. */
export function billOperations(gateway: Gateway): Operation[] {
  const application = (path: string, kind: BillKind): Operation => ({
    api: 'bill',
    method: 'GET',
    path,
    outTradeNo: () => undefined,
    isAbout: (call, fault) => strikesBill(fault, kind, () => linesToHave(gateway, call, kind)),
    run: (call, bend) => apply(gateway, call, kind, bend.bill),
  });
  const fileOf = (call: Call) => gateway.bills.open(call.merchant.row.mchid, call.query.get('token') ?? '');
  return [
    application('/v3/bill/tradebill', 'trade'),
    application('/v3/bill/fundflowbill', 'fundflow'),
    {
      api: 'billFile',
      method: 'GET',
      path: filePath,
      outTradeNo: () => undefined,
      isAbout: (call, fault) => strikesBill(fault, fileOf(call)?.kind, () => fileOf(call)?.bill.lines ?? []),
      run: (call, bend) => download(fileOf(call), bend.bill),
    },
  ];
}

function linesToHave({ bills, clock }: Gateway, call: Call, kind: BillKind): readonly Line[] {
  const parsed = parseRequest(call, kind);
  const isReady = 'request' in parsed && billing(parsed.request.day, clock.now()) === 'ready';
  return isReady ? bills.make(parsed.request).lines : [];
}

function apply({ bills, clock }: Gateway, call: Call, kind: BillKind, fault: BillFault | undefined): Answer {
  const parsed = parseRequest(call, kind);
  if ('answer' in parsed) return parsed.answer;
  const { request, isZipped } = parsed;
  const state = billing(request.day, clock.now());
  if (state === 'outOfRange') return errors.noBillOfDay();
  if (state === 'creating' || fault?.kind === 'creating') return errors.statementCreating();
  const bill = bills.make(request);
  if (bill.lines.length === 0) return errors.noStatement();
  const { mchid } = request;
  const { token, sha1 } = bills.give({ mchid, kind, bill, isZipped, ...bentFile(fault) });
  return success({
    hash_type: 'SHA1',
    hash_value: fault?.kind === 'wrongHash' ? createHash('sha1').update(sha1).digest('hex') : sha1,
    download_url: `${call.origin}${filePath}?token=${token}${isZipped ? '&tartype=gzip' : ''}`,
  });
}

function download(file: BillFile | undefined, fault: BillFault | undefined): Answer {
  if (!file) return errors.billUrlExpired();
  const own = bentFile(fault);
  const { lineFault = file.lineFault } = own;
  return {
    status: 200,
    file: { ...file, lineFault, isTruncated: file.isTruncated || own.isTruncated },
    internalCode: 0,
    signed: false,
  };
}

type Parsed = { request: BillRequest; isZipped: boolean } | { answer: Answer };

function parseRequest(call: Call, kind: BillKind): Parsed {
  const { mchid } = call.merchant.row;
  const value = (name: string) => call.query.get(name) ?? '';
  const day = parseDay(value('bill_date'));
  const type = oneOf(tradeBillTypes, value('bill_type') || 'ALL');
  const account = oneOf(fundAccounts, value('account_type') || 'BASIC');
  const wrong = (name: string) => ({ answer: queryError(name, value(name)) });
  if (!day) return wrong('bill_date');
  if (!['', 'GZIP'].includes(value('tar_type'))) return wrong('tar_type');
  const isZipped = value('tar_type') === 'GZIP';
  if (kind === 'trade') return type ? { isZipped, request: { mchid, day, kind, type } } : wrong('bill_type');
  return account ? { isZipped, request: { mchid, day, kind, account } } : wrong('account_type');
}

const oneOf = <T extends string>(all: readonly T[], text: string): T | undefined => all.find((one) => one === text);

function queryError(field: string, value: string): Answer {
  const missing = value === '';
  return parameterError(missing ? `缺少参数${field}` : `${field}不正确`, {
    field,
    ...(missing ? {} : { value }),
    issue: missing ? 'required' : 'invalid',
    location: 'query',
  });
}
