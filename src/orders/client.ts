import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import type { UpdateDefinition } from '@temporalio/common';
import {
  closeUpdate,
  createUpdate,
  evidenceSignal,
  extendDeadlineUpdate,
  fulfilmentUpdate,
  openAttemptUpdate,
  resolveUpdate,
  shopHeardSignal,
  syncUpdate,
  type OpenAttemptInput,
  type OrderInput,
} from '../../workflows/orders/messages.js';
import { recheckSignal } from '../../workflows/saga/messages.js';
import { orderWorkflowId } from '../base/ids.js';
import { formatYuan } from '../base/money.js';
import type { Db } from '../db/connection.js';
import type { Evidence } from './rules/evidence.js';
import type { OrderRecord } from './rules/record.js';
import type { Shop } from './rules/state.js';
import type { ResolveAction } from './rules/states.js';
import { PRODUCT_NAMES } from './rules/product.js';
import {
  endStalled,
  progressOf,
  signalWithStart,
  signalWorkflow,
  startWorkflow,
  updateWithStart,
  type Temporal,
  type WorkflowStart,
} from '../temporal/workflow.js';
import { isSettled } from './store/evidence.js';
import type { OrderRef } from './store/order.js';

type OrderWorkflowsDeps = Temporal & {
  readonly db: Db;
  readonly now: () => Date;
  /** Milliseconds a call waits for the workflow; the API's is 8 s. */
  readonly waitMs: number;
};

const SYNC_WINDOW_MS = 5_000;

/**
 * What the rest of PaySaga asks of the order workflows. Every call waits at most `waitMs` and then answers `pending`: what was
 * asked is recorded and goes on. Throws {@link TemporalUnavailable} when nothing was recorded. The outcome is a word; the order
 * itself is read from Postgres afterwards. Update ids are made from business ids: a repeat joins instead of doing it twice.
 */
export function createOrderWorkflows(deps: OrderWorkflowsDeps) {
  return {
    create: (order: OrderRecord) => create(deps, order),

    openAttempt: ({ requestId, outTradeNo, product, appid, reenter, ...ref }: OpenAttemptRequest) =>
      update(deps, ref, openAttemptUpdate, {
        updateId: `attempt/${requestId}`,
        args: [{ outTradeNo, product, appid, reenter }],
      }),

    close: ({ requestId, ...ref }: Request) =>
      update(deps, ref, closeUpdate, { updateId: `close/${requestId}`, args: [] }),

    sync(ref: OrderRef) {
      const window = Math.floor(deps.now().getTime() / SYNC_WINDOW_MS);
      return update(deps, ref, syncUpdate, { updateId: `sync/${window}`, args: [] });
    },

    extendDeadline: ({ requestId, until, ...ref }: Request & { readonly until: Date }) =>
      update(deps, ref, extendDeadlineUpdate, {
        updateId: `extend/${requestId}`,
        args: [{ untilMs: until.getTime() }],
      }),

    reportFulfilment: ({ outcome, ...ref }: OrderRef & { readonly outcome: 'fulfilled' | 'rejected' }) =>
      update(deps, ref, fulfilmentUpdate, { updateId: `fulfilment/${outcome}`, args: [outcome] }),

    /** What a person decides; money is asked for at WeChat Pay at that moment. */
    resolve: ({ requestId, action, ...ref }: Request & { readonly action: ResolveAction }) =>
      update(deps, ref, resolveUpdate, { updateId: `resolve/${requestId}`, args: [action] }),

    /** News of `order.paid`, which the event's own workflow has delivered or given up. An order that has ended is started again. */
    shopHeard: ({ shop, ...ref }: OrderRef & { readonly shop: Shop }) =>
      signalWithStart(deps, resumedRun(deps, ref), shopHeardSignal, [shop]),

    /** Queries everything unsettled now. Starts the order again where its workflow has ended. */
    recheck: (ref: OrderRef) => signalWithStart(deps, resumedRun(deps, ref, true), recheckSignal, []),

    deliverEvidence: ({ evidence, ...ref }: OrderRef & { readonly evidence: Evidence }) =>
      deliverEvidence(deps, ref, evidence),

    /** Starts the order's workflow again from its row; joins the one that runs. */
    resume: (ref: OrderRef) => startWorkflow(deps, resumedRun(deps, ref)),

    progress: async ({ mchid, orderNo, now }: OrderRef & { readonly now: Date }) =>
      (await progressOf(deps.client, orderWorkflowId(mchid, orderNo), now)).kind,

    /** Ends a run that cannot go on, or (`force`) whatever runs, and starts the order again from its row. `not_stalled`: it goes on. */
    async rescue({ force, ...ref }: OrderRef & { readonly force: boolean }) {
      const outcome = await endStalled(deps.client, orderWorkflowId(ref.mchid, ref.orderNo), force);
      // What the lost run was told last it may not have asked about.
      if (outcome === 'rescued') await startWorkflow(deps, resumedRun(deps, ref, true));
      return outcome;
    },
  };
}

export type OrderWorkflows = ReturnType<typeof createOrderWorkflows>;
export type OpenAttemptOutcome = Awaited<ReturnType<OrderWorkflows['openAttempt']>>;

type Request = OrderRef & { readonly requestId: string };

/**
 * `reenter`: a fresh code for this number, which is open already; otherwise a number not yet sent to WeChat Pay. `requestId`: the
 * attemptKey, else the body's hash, with the order's version.
 */
export type OpenAttemptRequest = Request & OpenAttemptInput;

/** The row decides whether this order is new; Temporal only remembers for its retention. A run that ended early is resumed. */
async function create(deps: OrderWorkflowsDeps, order: OrderRecord): Promise<'answered' | 'pending'> {
  const outcome = await updateWithStart(deps, firstRun(deps, order), createUpdate, {
    updateId: 'create',
    args: [],
  }).catch((error: unknown) => {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    return update(deps, order, createUpdate, { updateId: `create/${order.version}`, args: [] });
  });
  return outcome === 'pending' ? 'pending' : 'answered';
}

/** An update to the order's workflow, started again from its row where it has ended. */
const update = <Outcome, Args extends unknown[]>(
  deps: OrderWorkflowsDeps,
  ref: OrderRef,
  definition: UpdateDefinition<Outcome, Args>,
  request: { readonly updateId: string; readonly args: Args },
): Promise<Outcome | 'pending'> => updateWithStart(deps, resumedRun(deps, ref), definition, request);

/**
 * Brings one fact about money to its order, wherever it comes from (notify, redrive, sweeper). A running order is signalled.
 * Without one Postgres decides: money already settled is a duplicate; anything else starts the order again.
 */
async function deliverEvidence(
  deps: OrderWorkflowsDeps,
  ref: OrderRef,
  evidence: Evidence,
): Promise<'signalled' | 'duplicate'> {
  const { mchid, orderNo } = ref;
  try {
    await signalWorkflow(deps, orderWorkflowId(mchid, orderNo), evidenceSignal, [evidence]);
    return 'signalled';
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
  const { outTradeNo, transactionId } = evidence;
  if (await isSettled(deps.db, { mchid, outTradeNo, transactionId })) return 'duplicate';
  await signalWithStart(deps, resumedRun(deps, ref), evidenceSignal, [evidence]);
  return 'signalled';
}

/** An order as it starts for the first time. Its row is there already and is the guard; a number runs once. */
function firstRun({ installation }: OrderWorkflowsDeps, order: OrderRecord): WorkflowStart<OrderInput> {
  const [first] = order.attempts;
  if (first === undefined) throw new Error('an order has at least one attempt');
  const { mchid, orderNo, amountFen, policy } = order;
  const { product, appid } = first;
  const { language } = installation;
  const times = { createdAtMs: order.createdAt.getTime(), deadlineMs: order.expiresAt.getTime() };
  return {
    ...orderRun(order),
    input: { mchid, orderNo, language, resume: false, amountFen, ...times, product, appid, policy },
    summary: `${formatYuan(amountFen)} · ${PRODUCT_NAMES[product]} · ${orderNo}`,
    once: true,
  };
}

/** An order started again from its row, or joined where it runs. `recheck`: WeChat Pay is asked about everything that is not settled. */
function resumedRun({ installation }: OrderWorkflowsDeps, ref: OrderRef, recheck = false): WorkflowStart<OrderInput> {
  const { mchid, orderNo } = ref;
  return {
    ...orderRun(ref),
    input: { mchid, orderNo, language: installation.language, resume: true, recheck },
    summary: `${orderNo} · resumed`,
  };
}

const orderRun = ({ mchid, orderNo }: OrderRef) => ({
  workflow: 'order',
  workflowId: orderWorkflowId(mchid, orderNo),
  attributes: { mchid, payState: 'awaitingPayment' as const },
});
