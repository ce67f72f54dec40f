import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { z } from 'zod';
import { orderWorkflowId, parseMchid, parseOrderNo } from '../src/base/ids.js';
import { orderAnswer } from '../src/cli/kit/answers.js';
import { inParallel } from '../src/cli/kit/progress.js';
import type { Replay } from '../src/cli/replay.js';
import type { HeardEvent } from '../src/entries/demo/shop-endpoint.js';
import type { SandboxRefund, SandboxTrade } from '../src/entries/demo/shop.js';
import { fetchHistory, listExecutions } from '../src/temporal/history.js';
import type { BadAnswer } from './line.js';
import type { PartName } from './plan.js';
import type { Stage } from './stage.js';
import type { Death } from './watch.js';
import type { MerchantCaller } from './merchant-caller.js';

const fen = z.number();
const at = z.string();
const { orderNo, mchid, state, closedReason, reviewReason, stuckReason, fulfilment, expiresAt, createdAt } =
  orderAnswer.shape;
const order = z.object({
  ...{ orderNo, mchid, state, closedReason, reviewReason, stuckReason, fulfilment, expiresAt, createdAt },
  attempts: z.array(z.object({ outTradeNo: z.string(), state: z.string(), paidFen: fen })),
  refunds: z.array(z.object({ refundNo: z.string(), state: z.string() })),
  events: z.array(z.object({ id: z.string(), type: z.string(), deliveredAt: at.nullable() })),
  explain: z.object({ waitingFor: z.string(), actor: z.string(), text: z.object({ zh: z.string(), en: z.string() }) }),
});
export type WorldOrder = Readonly<z.infer<typeof order>>;

const refund = z.object({
  refundNo: z.string(),
  orderNo: z.string(),
  mchid: z.string(),
  outTradeNo: z.string(),
  amountFen: fen,
  state: z.string(),
  offline: z.boolean(),
});
export type WorldRefund = Readonly<z.infer<typeof refund>>;

const notify = z.object({ id: z.string(), status: z.string(), kind: z.string(), outTradeNo: z.string().nullable() });
export type WorldNotify = Readonly<z.infer<typeof notify> & { readonly mchid: string }>;

const trade = z.object({ mchid: z.string(), out_trade_no: z.string(), trade_state: z.string(), total: fen });
const theirRefund = z.object({
  mchid: z.string(),
  out_refund_no: z.string(),
  out_trade_no: z.string(),
  refund: fen,
  status: z.string(),
});
const delivery = z.object({ id: z.string(), url: z.string(), status: z.number().nullable() });

/** `events`: how many it has. */
export type WorldHistory = { readonly name: string; readonly problem: string | undefined; readonly events: number };

/** All that can be seen of an installation and of WeChat Pay from outside, at one time. */
export type World = {
  readonly at: Date;
  /** Numbers of orders whose creation PaySaga has answered with a 2xx, as `<mchid>/<orderNo>`. */
  readonly taken: readonly string[];
  readonly orders: readonly WorldOrder[];
  readonly refunds: readonly WorldRefund[];
  /** Notifies that nobody was told of. */
  readonly inbox: readonly WorldNotify[];
  readonly trades: readonly (SandboxTrade & { readonly mchid: string })[];
  readonly theirRefunds: readonly (SandboxRefund & { readonly mchid: string })[];
  /** Events that the shops accepted. */
  readonly heard: readonly HeardEvent[];
  readonly badAnswers: readonly BadAnswer[];
  /** Orders that are not final and have a workflow that runs. */
  readonly running: ReadonlySet<string>;
  readonly replays: readonly WorldHistory[];
  readonly deaths: readonly Death[];
  readonly dead: readonly PartName[];
};

export const nameOf = ({ mchid, orderNo }: Pick<WorldOrder, 'mchid' | 'orderNo'>): string => `${mchid}/${orderNo}`;

/** Its workflow is to be there still. */
export const isOpen = ({ state }: Pick<WorldOrder, 'state'>): boolean => state !== 'paid' && state !== 'closed';

export type Seen = Pick<World, 'orders' | 'refunds' | 'inbox'>;

/** What PaySaga's own API says of its orders: of all, or of these. */
export async function look(callers: readonly MerchantCaller[], names?: ReadonlySet<string>): Promise<Seen> {
  const seen = await Promise.all(
    callers.map(async (caller) => {
      const listed = await caller.all('/orders', z.object({ mchid: z.string(), orderNo: z.string() }));
      const asked = listed.filter((it) => names === undefined || names.has(nameOf(it)));
      const orders = await inParallel(asked, async ({ orderNo }) =>
        order.parse(await caller.api('GET', `/orders/${orderNo}`)),
      );
      const refunds = await caller.all('/refunds', refund);
      const waiting = await Promise.all(
        ['verified', 'unmatched'].map((it) => caller.all(`/inbox?status=${it}`, notify)),
      );
      return { orders, refunds, inbox: waiting.flat().map((row) => ({ ...row, mchid: caller.mchid })) };
    }),
  );
  return {
    orders: seen.flatMap((it) => it.orders),
    refunds: seen.flatMap((it) => it.refunds),
    inbox: seen.flatMap((it) => it.inbox),
  };
}

/** The sandbox's books, and what PaySaga answered to its notifies. */
export async function lookAtSandbox(callers: readonly MerchantCaller[]) {
  const seen = await Promise.all(
    callers.map(async ({ sandbox }) => ({
      trades: z.array(trade).parse(await sandbox('GET', '/trades')),
      theirRefunds: z.array(theirRefund).parse(await sandbox('GET', '/refunds')),
      notifies: z.array(delivery).parse(await sandbox('GET', '/notifies')),
    })),
  );
  const badAnswers = seen
    .flatMap(({ notifies }) => notifies)
    .flatMap(({ id, url, status }) =>
      status !== null && status >= 500 && status !== 503
        ? [{ request: `POST ${new URL(url).pathname}`, status, body: `notify ${id}` }]
        : [],
    );
  return { trades: seen.flatMap((it) => it.trades), theirRefunds: seen.flatMap((it) => it.theirRefunds), badAnswers };
}

const TIMEOUT_MS = 30_000;

/** Names of the orders whose workflow runs, of those that are to have one. */
export async function runningOf(client: Client, orders: readonly WorldOrder[]): Promise<ReadonlySet<string>> {
  const running = await inParallel(orders.filter(isOpen), async (it) => {
    const [mchid, orderNo] = [parseMchid(it.mchid), parseOrderNo(it.orderNo)];
    if (!mchid.ok || !orderNo.ok) return undefined;
    const handle = client.workflow.getHandle(orderWorkflowId(mchid.value, orderNo.value));
    const described = await handle.describe().catch((error: unknown) => {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    });
    return described?.status.name === 'RUNNING' ? nameOf(it) : undefined;
  });
  return new Set(running.filter((name) => name !== undefined));
}

/** Every history that Temporal still has, against the workflows of this build. */
export async function replayAll(client: Client, replay: Replay): Promise<World['replays']> {
  const executions = await listExecutions(client, '', Number.MAX_SAFE_INTEGER, TIMEOUT_MS);
  const lengths = new Map<string, number>();
  const histories = async function* () {
    for (const execution of executions) {
      const history = await fetchHistory(client, execution, TIMEOUT_MS);
      const name = `${execution.workflowId} (${execution.runId})`;
      lengths.set(name, history.events?.length ?? 0);
      yield { name, history };
    }
  };
  const replays: WorldHistory[] = [];
  for await (const it of replay(histories())) replays.push({ ...it, events: lengths.get(it.name) ?? 0 });
  return replays;
}

const METRIC = /^paysaga_http_requests_total\{(.*status="5\d\d".*)\} (\d+)/gm;

/** What the ingresses count of their own answers since they started; also to those whom the lab does not hear. */
export async function countedErrors({ ingressUrls }: Pick<Stage, 'ingressUrls'>): Promise<BadAnswer[]> {
  const pages = await Promise.all(ingressUrls.map(async (url) => (await fetch(`${url}/metrics`)).text()));
  return pages
    .flatMap((page) => [...page.matchAll(METRIC)])
    .flatMap(([, labels = '', count]) => {
      const status = Number(/status="(\d+)"/.exec(labels)?.[1]);
      return status === 503 ? [] : [{ request: labels, status, body: `${count} times, by the ingress's own count` }];
    });
}
