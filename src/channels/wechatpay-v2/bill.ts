import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { addAbortSignal, type Readable } from 'node:stream';
import { parseBillDate } from '../../reconciliation/rules/day.js';
import type { BillKind } from '../../reconciliation/rules/bill-line.js';
import { beginningOf, bytesOf, FILE_BOUNDS, openedWithin, type FileBounds } from '../bill-file/arriving.js';
import { admitted, answered, bounded, unreadable, type Definite, type Judged } from '../flow/call.js';
import type { Within } from '../outward/outward.js';
import { GatewayError, type BillRequest, type CallOptions, type Gateway } from '../port.js';
import { codeOf, judged, judgedByStatus, judgedByWords, refusalOf } from './answer.js';
import { signedFields, type ExchangeDeps } from './exchange.js';
import { meaningOf } from './failure-map.js';
import type { V2Request } from './transport.js';
import { readXml, type Fields } from './xml.js';

/**
 * API v2 gives the file at once, without an address, and a hash with that of the funds alone. So it is read twice: the first reading
 * says its hash, under an address of our own; the second must bring the same file.
 */
export function createBills(
  deps: ExchangeDeps,
  bounds: FileBounds = FILE_BOUNDS,
): Pick<Gateway, 'applyForBill' | 'downloadBill'> {
  const opened = async <Api extends BillApi>(api: Api, request: BillRequest, options: CallOptions) => {
    const within = bounded(options);
    const answer = await admitted(deps.admissions[api], within, () => open(deps, api, request, within));
    if (answer.kind === 'success' && options.signal !== undefined) addAbortSignal(options.signal, answer.file);
    return answer;
  };
  return {
    applyForBill: async (request, options) => {
      const answer = await opened('bill', request, options);
      if (answer.kind === 'definitive') return refusedBill(answer);
      return { kind: 'ready', url: addressOf(request), sha1: await sha1Of(answer, bounds) };
    },
    downloadBill: async ({ url, isZipped }, options) => {
      const answer = await opened('billFile', { ...requestAt(url), isZipped }, options);
      if (answer.kind === 'definitive') return { kind: answer.meaning };
      return { kind: 'bytes', bytes: bytesOf(answer.file, answer.isZipped, bounds) };
    },
  };
}

type BillApi = 'bill' | 'billFile';

const refusedBill = ({ meaning, refusal }: Definite<'bill'>) =>
  meaning === 'refused' ? ({ kind: 'refused', refusal } as const) : ({ kind: meaning } as const);

const addressOf = ({ kind, date }: BillRequest): string => `wechatpay-v2:${kind}/${date}`;

function requestAt(url: string): Pick<BillRequest, 'kind' | 'date'> {
  const [, kind = '', day = ''] = /^wechatpay-v2:(\w+)\/([\d-]+)$/.exec(url) ?? [];
  const date = parseBillDate(day);
  if (!isKind(kind) || !date.ok) throw new GatewayError('merchant_config', { gatewayCode: 'BILL_ON_ANOTHER_HOST' });
  return { kind, date: date.value };
}

const isKind = (text: string): text is BillKind => text === 'trade' || text === 'fundflow';

type Opened = {
  readonly kind: 'success';
  readonly file: Readable;
  readonly isZipped: boolean;
  readonly announced: string | undefined;
};

/** A hash that was announced for another file stands, so that the second reading disagrees; nobody says whether of the zipped one. */
async function sha1Of({ file, isZipped, announced }: Opened, bounds: FileBounds): Promise<string> {
  const [whole, sent] = [createHash('sha1'), createHash('sha1')];
  const onSent = (chunk: Buffer): void => void sent.update(chunk);
  for await (const chunk of bytesOf(file, isZipped, { ...bounds, onSent })) whole.update(chunk);
  const sha1 = whole.digest('hex');
  return announced === undefined || announced === sent.digest('hex') ? sha1 : announced;
}

/** `SHA=` and hexadecimal digits. */
const digestOf = (header: string | undefined): string | undefined =>
  /^SHA=([0-9a-f]{40})$/i.exec(header ?? '')?.[1]?.toLowerCase();

function open<Api extends BillApi>(
  deps: ExchangeDeps,
  api: Api,
  request: BillRequest,
  within: Within,
): Promise<Opened | Judged<Api>> {
  const signed = signedRequest(deps, request);
  return openedWithin(within, (opening) =>
    answered(async () => {
      const { status, retryAfter, digest, body: file } = await deps.transport.open(signed, opening);
      const announced = digestOf(digest);
      if (status !== 200) return judgedByStatus({ status, retryAfter, body: await beginningOf(file) }, deps.now());
      switch (await firstCharacterOf(file)) {
        case undefined:
          throw unreadable(status);
        case '<':
          return judgedBill(api, readXml(await beginningOf(file)) ?? {});
        case GZIP:
          return { kind: 'success', file, isZipped: true, announced };
        default:
          return { kind: 'success', file, isZipped: false, announced };
      }
    }),
  );
}

/** The first byte of any zipped file. */
const GZIP = '\x1f';

/** A table begins with a letter or a mark, an error with `<`. `undefined`: the answer is empty. */
async function firstCharacterOf(file: Readable): Promise<string | undefined> {
  await Promise.race([once(file, 'readable'), once(file, 'end')]);
  const head: unknown = file.read();
  if (!Buffer.isBuffer(head)) return undefined;
  file.unshift(head);
  return head.toString('latin1').trimStart()[0];
}

/** Errors of bills are not signed, and what they stop is no money. */
function judgedBill<Api extends BillApi>(api: Api, fields: Fields): Judged<Api> {
  const byWords = judgedByWords(fields);
  if (byWords.meaning !== 'unknown') return byWords;
  const said = [fields['err_code'], fields['return_msg'], fields['error_code']];
  const code = said.map(codeOf).find((it) => it !== null);
  if (code === undefined) return byWords;
  const message = fields['err_code_des'] ?? fields['return_msg'] ?? '';
  return judged<Api>(meaningOf(api, { code, message }), refusalOf(200, code, message));
}

function signedRequest(deps: ExchangeDeps, { kind, date, isZipped }: BillRequest): V2Request {
  const [appid] = deps.appids;
  if (appid === undefined) throw new GatewayError('merchant_config', { gatewayCode: 'NO_APPID' });
  const day = { appid, bill_date: date.replaceAll('-', ''), ...(isZipped ? { tar_type: 'GZIP' } : {}) };
  switch (kind) {
    case 'trade':
      return { path: '/pay/downloadbill', fields: signedFields(deps, { ...day, bill_type: 'ALL' }) };
    case 'fundflow':
      // It takes no other sign.
      return {
        path: '/pay/downloadfundflow',
        fields: signedFields(deps, { ...day, account_type: 'Basic' }, 'HMAC-SHA256'),
      };
    default:
      return kind satisfies never;
  }
}
