import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono, type Context } from 'hono';
import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { ofTrade, type ErrorFault, type Fault } from '../../fault/fault.js';
import type { Gateway } from '../../gateway.js';
import { sendFile } from '../bill-file.js';
import { holdOpen, strike, type Bend } from '../strike.js';
import { authenticate } from './authenticate.js';
import { billOperations } from './bills.js';
import { isRefused, refusal, unknownCaller, type Answer, type Call, type Operation } from './call.js';
import { codeScanOperations } from './code-scan.js';
import { orderOperations } from './orders.js';
import { refuseCommon } from './parameters.js';
import { refundOperations } from './refunds.js';
import { signatureOf } from './sign.js';
import { unifiedOrderOperation } from './unified-order.js';
import { writeXml } from './xml.js';

/** The part of WeChat Pay's API v2 that is served; the calls that want a client certificate are told so. */
export const v2Routes = (gateway: Gateway): Hono<WireBindings> => routesOf(gateway, operationsOf(gateway));

/** Those calls alone, to be served over TLS. */
export const secapiRoutes = (gateway: Gateway): Hono<WireBindings> =>
  routesOf(
    gateway,
    operationsOf(gateway).filter(({ needsCertificate }) => needsCertificate),
  );

const operationsOf = (gateway: Gateway): Operation[] => [
  unifiedOrderOperation(gateway),
  ...codeScanOperations(gateway),
  ...orderOperations(gateway),
  ...refundOperations(gateway),
  ...billOperations(gateway),
];

function routesOf(gateway: Gateway, operations: readonly Operation[]): Hono<WireBindings> {
  const app = new Hono<WireBindings>();
  for (const operation of operations) app.all(operation.path, (c) => serveOperation(c, gateway, operation));
  return app;
}

type WireBindings = { Bindings: HttpBindings };

/** Serves one operation: authenticate, limit, strike with a fault, sign, write. */
async function serveOperation(c: Context<WireBindings>, gateway: Gateway, operation: Operation): Promise<Response> {
  const { incoming, outgoing } = c.env;
  const body = Buffer.from(await c.req.arrayBuffer());
  const caller = authenticate(incoming, body, operation, gateway.merchants);
  if (!('merchant' in caller)) {
    await send(outgoing, caller);
    return RESPONSE_ALREADY_SENT;
  }
  const call: Call = { ...caller, origin: `http://${c.req.header('host') ?? 'localhost'}` };
  const { answer, after, isForged } = await answerTo(gateway, operation, call);
  if (!answer) {
    await holdOpen(outgoing);
    return RESPONSE_ALREADY_SENT;
  }
  await send(outgoing, completed(answer, call, isForged));
  after();
  return RESPONSE_ALREADY_SENT;
}

interface Result {
  /** `undefined`: the call is never answered. */
  answer: Answer | undefined;
  isForged?: boolean;
  /** To be called once the answer is on its way. */
  after: () => void;
}

async function answerTo(gateway: Gateway, operation: Operation, call: Call): Promise<Result> {
  const { api, refuse = refusal } = operation;
  const { merchant } = call;
  const { counters, faults } = gateway;
  const realNow = gateway.clock.realNow();
  if (!counters.admit(merchant, api, realNow)) return plain(refuse('FREQUENCY_LIMITED', '频率超限，请降低频率后重试'));
  const isAbout = (fault: Fault) => operation.isAbout?.(call, fault) ?? ofTrade(operation.outTradeNo(call))(fault);
  // API v2 knows no signature probes, so that every call is one that was probed already.
  const fault = faults.take(merchant.row.mchid, api, isAbout, { probed: true });
  const struck = await strike(gateway, strikable(operation, call), fault);
  const isOneTooMany =
    struck.answer !== undefined && isRefused(struck.answer) && !counters.admitFailure(merchant, api, realNow);
  if (isOneTooMany) return plain(refuse('INVALID_REQ_TOO_MUCH', '无效请求过多'));
  return { ...struck, isForged: fault?.kind === 'badSignature' };
}

const plain = (answer: Answer): Result => ({ answer, after: () => undefined });

function strikable(operation: Operation, call: Call) {
  const { refuse = refusal } = operation;
  return {
    mchid: call.merchant.row.mchid,
    outTradeNo: operation.outTradeNo(call),
    run: (bend: Bend): Answer => refuseCommon(call, refuse) ?? operation.run(call, bend),
    systemError: (): Answer => ({ ...unknownCaller('系统繁忙，请稍后再试'), status: 500 }),
    error: (fault: ErrorFault, own: Answer | undefined): Answer => ({
      ...errorOf(fault, own, refuse),
      retryAfter: fault.retryAfter,
    }),
  };
}

/** The status of a fault without a `body` is that of an API v3 answer; API v2's is 200. */
function errorOf(fault: ErrorFault, own: Answer | undefined, refuse: typeof refusal): Answer {
  const { status, code, body, contentType, message = 'sandbox fault' } = fault;
  const raw = (text: string, type = 'text/html; charset=utf-8') => ({
    raw: { text, contentType: type },
    signed: false,
  });
  if (body !== undefined) return { status, ...raw(body, contentType) };
  const answer = code === undefined ? (own ?? { status: 200, ...raw('') }) : refuse(code, message);
  return { ...answer, signed: answer.signed && (fault.signed ?? true) };
}

/** With the fields of every answer to a known caller, and the signature of the request's type. */
function completed(answer: Answer, { fields: request, merchant, signType }: Call, isForged = false): Answer {
  if (!answer.fields || 'return_code' in answer.fields) return answer;
  const { row } = merchant;
  const deviceInfo = request.get('device_info');
  const fields = {
    return_code: 'SUCCESS',
    return_msg: 'OK',
    appid: request.get('appid') ?? row.appid,
    mch_id: row.mchid,
    ...(deviceInfo === undefined ? {} : { device_info: deviceInfo }),
    nonce_str: randomBytes(8).toString('hex'),
    ...answer.fields,
  };
  if (!answer.signed) return { ...answer, fields };
  const key = isForged ? randomBytes(16).toString('hex') : row.apiV2Key;
  return { ...answer, fields: { ...fields, sign: signatureOf(new Map(Object.entries(fields)), key, signType) } };
}

async function send(outgoing: ServerResponse, answer: Answer): Promise<void> {
  const { file, raw, digest, retryAfter } = answer;
  const text = raw?.text ?? writeXml(new Map(Object.entries(answer.fields ?? {})), 'xml');
  const contentType = file?.isZipped ? 'application/x-gzip' : (raw?.contentType ?? 'text/plain');
  if (outgoing.destroyed) return;
  outgoing.writeHead(answer.status, {
    'Content-Type': contentType,
    ...(file ? {} : { 'Content-Length': Buffer.byteLength(text) }),
    ...(digest === undefined ? {} : { Digest: digest }),
    ...(retryAfter === undefined ? {} : { 'Retry-After': retryAfter }),
  });
  if (file) await sendFile(outgoing, file);
  else outgoing.end(text);
}
