import { z } from 'zod';
import { parseJson } from '../../base/parse-json.js';
import type { BillAnswer, BillRequest } from '../port.js';
import { unreadable, type Bounded } from '../flow/call.js';
import { exchange, type ExchangeDeps } from './exchange.js';

export async function callBill(deps: ExchangeDeps, request: BillRequest, bounds: Bounded): Promise<BillAnswer> {
  const answer = await exchange(deps, { api: 'bill', method: 'GET', path: pathOf(request) }, bounds);
  if (answer.kind === 'definitive') {
    return answer.meaning === 'refused' ? { kind: 'refused', refusal: answer.refusal } : { kind: answer.meaning };
  }
  const bill = answer.status === 200 ? billBody.safeParse(parseJson(answer.body)).data : undefined;
  if (bill !== undefined) return { kind: 'ready', url: bill.download_url, sha1: bill.hash_value };
  const fields = { mchid: deps.mchid, bill: request.kind, date: request.date, status: answer.status };
  deps.log.warn(fields, 'the request for a bill was answered with something that is no bill');
  throw unreadable(answer.status);
}

function pathOf({ kind, date, isZipped }: BillRequest): string {
  const zipped = isZipped ? '&tar_type=GZIP' : '';
  const day = `bill_date=${encodeURIComponent(date)}`;
  switch (kind) {
    case 'trade':
      return `/v3/bill/tradebill?${day}&bill_type=ALL${zipped}`;
    case 'fundflow':
      return `/v3/bill/fundflowbill?${day}&account_type=BASIC${zipped}`;
    default:
      return kind satisfies never;
  }
}

const billBody = z.object({
  hash_type: z.literal('SHA1'),
  hash_value: z.string().regex(/^[0-9a-f]{40}$/i),
  download_url: z.url({ protocol: /^https?$/ }).max(2_048),
});
