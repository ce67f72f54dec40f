import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono, type Context } from 'hono';
import { createHash, randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { BillFile } from '../../bill/bills.js';
import { ofTrade, type ErrorFault, type Fault } from '../../fault/fault.js';
import type { Gateway } from '../../gateway.js';
import type { Merchant } from '../../identity/merchants.js';
import { namedSigner, signatureHeaders, type Forgery, type Signer } from '../../identity/sign.js';
import type { Api } from '../apis.js';
import { sendFile } from '../bill-file.js';
import { holdOpen, strike, type Bend } from '../strike.js';
import { errors, failure, noContent, unsigned, type Answer, type Call, type Operation } from './call.js';
import { authorize } from './authorization.js';
import { billOperations } from './bills.js';
import { certificatesOperation } from './certificates.js';
import { codeScanOperations } from './code-scan.js';
import { prepayOperations } from './prepay.js';
import { refundOperations } from './refunds.js';
import { tradeOperations } from './trades.js';

/** The part of WeChat Pay's API v3 that is served; other methods on its paths are answered with an empty 405. */
export function v3Routes(gateway: Gateway): Hono<WireBindings> {
  const app = new Hono<WireBindings>();
  const deps = { ...gateway, probed: new Set<string>() };
  const operations = [
    certificatesOperation,
    ...prepayOperations(gateway),
    ...codeScanOperations(gateway),
    ...tradeOperations(gateway),
    ...refundOperations(gateway),
    ...billOperations(gateway),
  ];
  for (const operation of operations) {
    app.on(operation.method, operation.path, (c) => serveOperation(c, deps, operation));
    app.all(operation.path, (c) => c.body(null, 405));
  }
  return app;
}

/** `probed`: calls that were already answered with a signature probe. */
type WireDeps = Gateway & { probed: Set<string> };
type WireBindings = { Bindings: HttpBindings };
type WireContext = Context<WireBindings>;

/** Serves one operation: authenticate, limit, choose the key, strike with a fault, sign, write. */
async function serveOperation(c: WireContext, deps: WireDeps, operation: Operation): Promise<Response> {
  const { outgoing } = c.env;
  const body = Buffer.from(await c.req.arrayBuffer());
  const authorization = c.req.header('authorization');
  const request = { method: c.req.method, target: targetOf(c), authorization, body };
  const merchant = userAgentRule(c, operation.api) ?? authorize(request, deps.merchants, deps.clock.realNow());
  const result = 'status' in merchant ? plain(merchant) : await answer(c, deps, operation, { merchant, body });
  if (!result.answer) {
    await holdOpen(outgoing);
    return RESPONSE_ALREADY_SENT;
  }
  const withRequestId = !(result.answer.status === 401 && targetOf(c).startsWith('/v3/pay/transactions/'));
  const answered = operation.api === 'billFile' ? unsigned(result.answer) : result.answer;
  await send(outgoing, { ...result, answer: answered, nowMs: deps.clock.realNow(), withRequestId });
  result.after();
  return RESPONSE_ALREADY_SENT;
}

interface Result {
  /** `undefined`: the call is never answered. */
  answer: Answer | undefined;
  signer: Signer | undefined;
  forgery: Forgery | undefined;
  /** To be called once the answer is on its way. */
  after: () => void;
}
type Asked = { merchant: Merchant; body: Buffer };

async function answer(c: WireContext, deps: WireDeps, operation: Operation, asked: Asked): Promise<Result> {
  const { merchant, body } = asked;
  const serial = c.req.header('wechatpay-serial') ?? '';
  const signer = namedSigner(merchant, serial);
  if (!deps.counters.admit(merchant, operation.api, deps.clock.realNow())) return plain(errors.tooFrequent(), signer);
  if (!signer) return plain(errors.unknownKey());
  const call: Call = {
    merchant,
    body: body.toString('utf8'),
    pathParameter: c.req.param('id') ?? '',
    query: new URL(c.req.url).searchParams,
    serial,
    origin: `http://${c.req.header('host') ?? 'localhost'}`,
  };
  const probe = probeKey(c, merchant, body);
  const isAbout = (fault: Fault) => operation.isAbout?.(call, fault) ?? ofTrade(operation.outTradeNo(call))(fault);
  const fault = deps.faults.take(merchant.row.mchid, operation.api, isAbout, { probed: deps.probed.has(probe) });
  if (fault?.kind === 'signTest') deps.probed.add(probe);
  const struck = await strike(deps, strikable(operation, call), fault);
  const refused = struck.answer !== undefined && struck.answer.status >= 400 && struck.answer.status < 500;
  const admitted = !refused || deps.counters.admitFailure(merchant, operation.api, deps.clock.realNow());
  const forgery = fault?.kind === 'badSignature' || fault?.kind === 'signTest' ? fault.kind : undefined;
  return admitted ? { ...struck, forgery, signer } : plain(errors.tooFrequent(), signer);
}

const strikable = (operation: Operation, call: Call) => ({
  mchid: call.merchant.row.mchid,
  outTradeNo: operation.outTradeNo(call),
  run: (bend: Bend) => operation.run(call, bend),
  systemError: () => unsigned(errors.systemError()),
  error: (fault: ErrorFault, own: Answer | undefined) => ({ ...errorOf(fault, own), retryAfter: fault.retryAfter }),
});

/** `own` is the operation's own answer: a fault that names no code answers with it, and a refusal of its own always stands. */
function errorOf(fault: ErrorFault, own: Answer | undefined): Answer {
  const { status, code, body, contentType } = fault;
  if (body !== undefined) {
    const raw = { text: body, contentType: contentType ?? 'text/html; charset=utf-8' };
    return { status, raw, internalCode: 268435456, signed: fault.signed ?? false };
  }
  const signed = fault.signed ?? true;
  if (code !== undefined)
    return { ...failure(status, code, fault.message ?? 'sandbox fault', 268435456, fault.detail), signed };
  if (own !== undefined && own.status >= 300) return { ...own, signed };
  return status === 204 ? { ...noContent(), signed } : { internalCode: 0, ...own, status, signed };
}

function plain(answer: Answer, signer?: Signer): Result {
  return { answer, signer, forgery: undefined, after: () => undefined };
}

/** Some APIs refuse a missing User-Agent before they look at the signature. */
function userAgentRule(c: WireContext, api: Api): Answer | undefined {
  if (!needUserAgent.includes(api) || c.req.header('user-agent')) return undefined;
  return unsigned(failure(400, 'INVALID_REQUEST', 'Http头缺少Accept或User-Agent', 268435461));
}

const needUserAgent: readonly Api[] = ['certificates', 'refund', 'refundQuery', 'abnormalRefund'];

/** The request target as sent: its percent-encoding is signed too. */
const targetOf = (c: WireContext): string => c.env.incoming.url ?? '/';

function probeKey(c: WireContext, merchant: Merchant, body: Buffer): string {
  const head = `${merchant.row.mchid}\n${c.req.method}\n${targetOf(c)}\n`;
  return createHash('sha256').update(head).update(body).digest('base64');
}

interface Sending extends Pick<Result, 'signer' | 'forgery'> {
  answer: Answer;
  /** Real time, ms since the epoch. */
  nowMs: number;
  /** False for some 401 answers, from which WeChat Pay leaves it out. */
  withRequestId: boolean;
}

/** On node's own response: a fetch `Headers` lower-cases names, and some clients look for exactly `Wechatpay-Timestamp`. */
async function send(outgoing: ServerResponse, sending: Sending): Promise<void> {
  const { answer, signer } = sending;
  const { file } = answer;
  const body = answer.raw?.text ?? (answer.body === undefined ? '' : JSON.stringify(answer.body));
  const contentType = file ? fileType(file) : (answer.raw?.contentType ?? 'application/json; charset=utf-8');
  const signature = answer.signed && signer ? await signatureHeaders(signer, body, sending.nowMs, sending.forgery) : [];
  const headers: [name: string, value: string | undefined][] = [
    ['Content-Type', body === '' && !file ? undefined : contentType],
    ['Content-Length', answer.status === 204 || file ? undefined : String(Buffer.byteLength(body))],
    ['Cache-Control', 'no-cache, must-revalidate'],
    ['X-Content-Type-Options', 'nosniff'],
    ['Retry-After', answer.retryAfter],
    ['Request-ID', sending.withRequestId ? requestId(answer.internalCode) : undefined],
    ...signature,
  ];
  if (outgoing.destroyed) return;
  outgoing.writeHead(
    answer.status,
    headers.flatMap(([name, value]) => (value === undefined ? [] : [name, value])),
  );
  if (file) await sendFile(outgoing, file);
  else outgoing.end(body);
}

/** A zipped file is no `Content-Encoding`: the client unzips it. */
const fileType = ({ isZipped }: BillFile): string => (isZipped ? 'application/x-gzip' : 'text/plain; charset=utf-8');

function requestId(internalCode: number): string {
  return `08${randomBytes(19).toString('hex').toUpperCase()}-${internalCode}`;
}
