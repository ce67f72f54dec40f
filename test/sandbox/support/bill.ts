import { createHash } from 'node:crypto';
import { get, type IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';
import type { Sandbox } from '../../../src/sandbox/start.js';
import { authorization, call, control, type Credentials, type Json, type Overrides, type Reply } from './client.js';
import { prepay } from './trade.js';

export type BillKind = 'tradebill' | 'fundflowbill';

export interface Applied {
  hash_type: string;
  hash_value: string;
  download_url: string;
}

/** Beijing time, as the sandbox's clock shows it, without its offset. */
export async function sandboxNow(sandbox: Sandbox): Promise<Date> {
  return new Date(String((await control(sandbox, 'GET', '/clock'))['now']));
}

/** The Beijing day, `days` before the sandbox's today. */
export async function daysAgo(sandbox: Sandbox, days: number): Promise<string> {
  const now = (await sandboxNow(sandbox)).getTime();
  return new Date(now + 8 * 3_600_000 - days * 86_400_000).toISOString().slice(0, 10);
}

/** Moves the clock on to a time of day in Beijing, `days` later. */
export async function moveTo(sandbox: Sandbox, days: number, time = '12:00:00'): Promise<string> {
  const date = await daysAgo(sandbox, -days);
  const at = Date.parse(`${date}T${time}+08:00`);
  const advanceSeconds = Math.round((at - (await sandboxNow(sandbox)).getTime()) / 1000);
  await control(sandbox, 'POST', '/clock', { advanceSeconds });
  return date;
}

export const applyFor = (
  sandbox: Sandbox,
  merchant: Credentials,
  kind: BillKind,
  date: string,
  more = '',
  overrides: Overrides = {},
): Promise<Reply> => call(sandbox, merchant, 'GET', `/v3/bill/${kind}?bill_date=${date}${more}`, undefined, overrides);

export interface Download {
  status: number;
  headers: IncomingMessage['headers'];
  bytes: Buffer;
}

/** The file by its URL, as raw bytes. */
export function download(url: string, merchant: Credentials, overrides: Overrides = {}): Promise<Download> {
  const target = url.replace(/^http:\/\/[^/]+/, '');
  const headers = {
    'User-Agent': 'sandbox-test',
    Authorization: authorization(merchant, 'GET', target, '', overrides),
  };
  return new Promise((resolve, reject) => {
    get(url, { headers, ...(overrides.signal ? { signal: overrides.signal } : {}) }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () =>
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, bytes: Buffer.concat(chunks) }),
      );
    }).on('error', reject);
  });
}

export interface ReadBill {
  columns: string[];
  rows: Record<string, string>[];
  summary: Record<string, string>;
  /** Whether the hash that was promised is that of the file. */
  hashFits: boolean;
  bytes: Buffer;
}

/** Applies, downloads, unzips and reads a bill of the day. */
export async function fetchBill(
  sandbox: Sandbox,
  merchant: Credentials,
  kind: BillKind,
  date: string,
  more = '',
): Promise<ReadBill> {
  const applied = await applyFor(sandbox, merchant, kind, date, more);
  if (applied.status !== 200) throw new Error(`${kind} of ${date}: ${applied.status} ${applied.text}`);
  return readFrom(applied.json as unknown as Applied, merchant);
}

export async function readFrom(applied: Applied, merchant: Credentials): Promise<ReadBill> {
  const { bytes: sent } = await download(applied.download_url, merchant);
  const bytes = applied.download_url.endsWith('&tartype=gzip') ? gunzipSync(sent) : sent;
  return { ...read(bytes.toString()), hashFits: sha1(bytes) === applied.hash_value, bytes };
}

export const sha1 = (bytes: Buffer): string => createHash('sha1').update(bytes).digest('hex');

/** Reads by the format's own rules: columns by name, a backtick before every value, the summary last. */
function read(text: string): Pick<ReadBill, 'columns' | 'rows' | 'summary'> {
  const lines = text.replace(/^\uFEFF/, '').split('\r\n');
  const [head = '', ...rest] = lines;
  const columns = head.split(',');
  const rows = rest.slice(0, -3).map((line) => named(columns, line));
  return { columns, rows, summary: named((rest.at(-3) ?? '').split(','), rest.at(-2) ?? '') };
}

function named(columns: readonly string[], line: string): Record<string, string> {
  const cells = line.split(',');
  if (cells.length !== columns.length) throw new Error(`${cells.length} values in ${columns.length} columns: ${line}`);
  return Object.fromEntries(
    columns.map((column, index) => {
      const cell = cells[index] ?? '';
      if (!cell.startsWith('`')) throw new Error(`no backtick: ${line}`);
      return [column, cell.slice(1)];
    }),
  );
}

/** A trade of `totalFen`, paid now. */
export async function paid(
  sandbox: Sandbox,
  merchant: Credentials,
  outTradeNo: string,
  totalFen: number,
  more: { prepay?: Json; pay?: Json; product?: 'native' | 'jsapi' } = {},
): Promise<string> {
  const body = { amount: { total: totalFen, currency: 'CNY' }, ...more.prepay };
  const made = await prepay(sandbox, merchant, outTradeNo, more.product ?? 'native', body);
  if (made.status !== 200) throw new Error(made.text);
  const result = await control(sandbox, 'POST', `/pay?mchid=${merchant.mchid}`, { outTradeNo, ...more.pay });
  return String(result['transactionId']);
}
