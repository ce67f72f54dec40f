import { z } from 'zod';
import { parseJson } from '../../base/parse-json.js';
import { whyOf, type Api } from '../kit/api.js';
import { CliFailure, EXIT } from '../kit/command.js';
import { plain } from '../kit/output.js';

/** WeChat's side of an order: the sandbox's control plane, for one merchant. Throws {@link CliFailure} for its refusals. */
export type Sandbox = {
  readonly url: string;
  pay(outTradeNo: string): Promise<string>;
  fault(fault: Readonly<Record<string, string | number | boolean>>): Promise<void>;
  settle(outRefundNo: string, status: 'ABNORMAL' | 'CLOSED'): Promise<void>;
  /** How long its refunds take by themselves. */
  refundDelay(refundDelayMs: number): Promise<void>;
  refundNos(): Promise<readonly string[]>;
};

/** Its own word for it, as long as nobody changed it. */
export const USUAL_REFUND_DELAY_MS = 1_000;

const TIMEOUT_MS = 15_000;

/** Only where the gateway is a sandbox: `--sandbox`, else the embedded stack's, and it must know the merchant. */
export async function openSandbox(api: Api, given: string | undefined): Promise<Sandbox> {
  const url = (given ?? api.dev?.sandboxUrl)?.replace(/\/+$/, '');
  if (url === undefined)
    throw new CliFailure(EXIT.usage, 'no sandbox is known: start one with npm start, or name it with --sandbox URL');
  if (!api.isTest)
    throw new CliFailure(EXIT.failed, 'refused: this key acts for real merchants, not for those of a sandbox');
  const call = (method: string, path: string, body?: unknown) =>
    request(`${url}/sandbox${path}${api.mchid === undefined ? '' : `?mchid=${api.mchid}`}`, method, body);
  await call('GET', '/merchant');
  return {
    url,
    pay: async (outTradeNo) => paid.parse(await call('POST', '/pay', { outTradeNo })).transactionId,
    fault: async (fault) => {
      await call('POST', '/faults', [fault]);
    },
    settle: async (no, status) => {
      await call('POST', `/refunds/${encodeURIComponent(no)}/settle`, { status });
    },
    refundDelay: async (refundDelayMs) => {
      await call('PUT', '/settings', { refundDelayMs });
    },
    refundNos: async () => refunds.parse(await call('GET', '/refunds')).map(({ out_refund_no }) => out_refund_no),
  };
}

const paid = z.object({ transactionId: z.string() });
const refunds = z.array(z.object({ out_refund_no: z.string() }));

async function request(url: string, method: string, body: unknown): Promise<unknown> {
  const sent =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const init = { method, ...sent, redirect: 'manual' as const, signal: AbortSignal.timeout(TIMEOUT_MS) };
  const { origin, pathname } = new URL(url);
  const response = await fetch(url, init).catch((error: unknown) => {
    throw new CliFailure(EXIT.unreachable, `the sandbox at ${origin} cannot be reached (${whyOf(error)})`);
  });
  const text = await response.text();
  if (!response.ok)
    throw new CliFailure(
      EXIT.failed,
      plain(`the sandbox refuses ${pathname}: ${response.status} ${text.slice(0, 200)}`),
    );
  return text === '' ? null : parseJson(text);
}
