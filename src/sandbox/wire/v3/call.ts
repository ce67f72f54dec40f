import type { BillFile } from '../../bill/bills.js';
import type { Fault } from '../../fault/fault.js';
import type { Merchant } from '../../identity/merchants.js';
import type { Api } from '../apis.js';
import type { Bend } from '../strike.js';

export interface Operation {
  api: Api;
  method: 'GET' | 'POST';
  /** With at most one parameter, `:id`. */
  path: string;
  outTradeNo(call: Call): string | undefined;
  /** Whether the call is about what the fault is restricted to; default: its trade. */
  isAbout?(call: Call, fault: Fault): boolean;
  run(call: Call, bend: Bend): Answer;
}

export interface Call {
  merchant: Merchant;
  body: string;
  /** The decoded path parameter; '' when the path has none. */
  pathParameter: string;
  query: URLSearchParams;
  /** The request's `Wechatpay-Serial`; '' when absent. */
  serial: string;
  /** The address by which the caller reached this sandbox, `http://host:port`. */
  origin: string;
}

export interface Answer {
  status: number;
  body?: object;
  /** Written as it is, in place of `body`. */
  raw?: { text: string; contentType: string };
  /** Written in place of `body`, never signed. */
  file?: BillFile;
  retryAfter?: string | undefined;
  /** The last part of Request-ID; 0 is success. */
  internalCode: number;
  /** False where WeChat Pay could not authenticate the call. */
  signed: boolean;
}

interface ErrorDetail {
  field?: string;
  value?: unknown;
  issue: string;
  location: string;
}

export const success = (body: object): Answer => ({ status: 200, body, internalCode: 0, signed: true });

export const noContent = (): Answer => ({ status: 204, internalCode: 0, signed: true });

export function failure(status: number, code: string, message: string, internalCode: number, detail?: unknown): Answer {
  const body = { code, message, ...(detail === undefined ? {} : { detail }) };
  return { status, body, internalCode, signed: true };
}

export const unsigned = (answer: Answer): Answer => ({ ...answer, signed: false });

export function parameterError(message: string, detail: ErrorDetail, internalCode = 268435461): Answer {
  return failure(400, 'PARAM_ERROR', message, internalCode, detail);
}

export const errors = {
  orderNotExist: () => failure(404, 'ORDER_NOT_EXIST', '订单不存在', 268512771),
  orderPaid: () => failure(400, 'ORDER_PAID', '该订单已支付', 268498689),
  onlyReverse: () => failure(400, 'INVALID_REQUEST', '付款码支付订单不支持关单，请调用撤销接口', 268449641),
  changedReentry: () => failure(400, 'INVALID_REQUEST', '请求重入时，参数与首次请求时不一致，请核实后再试', 268498688),
  appidNotBound: () => failure(400, 'APPID_MCHID_NOT_MATCH', 'appid和mchid不匹配，请核实后再试', 268445527),
  tooFrequent: () => failure(429, 'FREQUENCY_LIMITED', '频率超限，请降低频率后重试', 268447840),
  systemError: () => failure(500, 'SYSTEM_ERROR', '系统异常，请用相同参数重新调用', 268435456),
  unknownKey: () => unsigned(failure(500, 'SYSTEM_ERROR', '未知错误', 268435456)),
  statementCreating: () => failure(400, 'STATEMENT_CREATING', '账单生成中，请稍后再试', 268435461),
  noStatement: () => failure(400, 'NO_STATEMENT_EXIST', '请求的账单文件不存在', 268512771),
  noBillOfDay: () => failure(400, 'INVALID_REQUEST', '账单日期应为三个月内、早于今日的日期', 268435464),
  billUrlExpired: () => failure(400, 'INVALID_REQUEST', '下载链接不存在或已失效，请重新申请账单', 268435461),
  refundNotExist: () => failure(404, 'RESOURCE_NOT_EXISTS', '退款单不存在，请核实后再试', 268512771),
  refundNotAbnormal: () => failure(400, 'INVALID_REQUEST', '退款单状态不是退款异常，不能发起异常退款', 268435461),
  serialMissing: () => {
    const detail = { field: 'Wechatpay-Serial', issue: 'required', location: 'header' };
    return parameterError('缺少HTTP头Wechatpay-Serial，无法解密敏感信息', detail);
  },
  notOpened: (field: string) =>
    parameterError(`输入源“/body${field}”映射到值字段解密失败，请检查加密所用的公钥与Wechatpay-Serial`, {
      field,
      issue: 'not decrypted with the key that Wechatpay-Serial names',
      location: 'body',
    }),
  badOutRefundNo: (value: string) =>
    parameterError('商户退款单号格式错误', { field: 'out_refund_no', value, issue: 'pattern', location: 'url' }),
  badOutTradeNo: (value: string) =>
    parameterError('商户订单号格式错误', { field: 'out_trade_no', value, issue: 'pattern', location: 'url' }),
  mchidDiffersFromHeader: (value: unknown, location: 'body' | 'query') =>
    parameterError('http header中的mchid与post payload中的mchid不匹配', {
      field: location === 'body' ? '/mchid' : 'mchid',
      value,
      issue: 'mchid differs from the one in Authorization',
      location,
    }),
};
