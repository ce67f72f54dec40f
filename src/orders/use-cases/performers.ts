import { loadOrder } from '../store/order.js';
import { given, type UnfinishedAction } from '../../actions/store/unfinished.js';
import { deadlineAfter, type DeadlineMove } from '../rules/requests.js';
import type { ResolveAction } from '../rules/states.js';
import { carriedOut, type Asker } from '../../actions/use-cases/recorded-action.js';
import type { OrderDecisionName } from '../rules/decisions.js';
import { closeOrder } from './close.js';
import { moveDeadline } from './deadline.js';
import type { OrderCall, OrderDeps } from './order.js';
import { lookAgain, recheckOrder } from './recheck.js';
import { rescueOrder, revive, reviveRefund } from './rescue.js';
import { resolveOrder } from './resolve.js';

export type Inputs = { readonly until: Date | null };

/** Performs a decision. `pending`: not confirmed yet; `known`: it was asked for before. */
export type Perform<Deps, Subject, Given = Inputs, By = Asker> = (
  deps: Deps,
  subject: Subject,
  asker: By,
  inputs: Given,
) => Promise<'done' | 'pending' | 'known'>;

/** Of a decision of which only one thing can come. */
export const done =
  <Deps, Subject, Given, By>(
    act: (deps: Deps, subject: Subject, asker: By, inputs: Given) => Promise<unknown>,
  ): Perform<Deps, Subject, Given, By> =>
  async (...asked) => {
    await act(...asked);
    return 'done';
  };

type MovingDeps = Omit<OrderDeps, 'log'>;

const moving = (moveOf: (inputs: Inputs) => DeadlineMove): Perform<MovingDeps, OrderCall> =>
  done((deps, order, asker, inputs) => moveDeadline(deps, order, moveOf(inputs), asker));

const resolving = (action: ResolveAction): Perform<OrderDeps, OrderCall> =>
  done((deps, order, asker) => resolveOrder(deps, order, action, asker));

export const ORDER_PERFORMERS = {
  recheck: done(recheckOrder),
  rescue: done(rescueOrder),
  close: async (deps, order, asker) => ((await closeOrder(deps, order, asker)).pending ? 'pending' : 'done'),
  hold: moving(() => ({ action: 'hold' })),
  release: moving(() => ({ action: 'release' })),
  extend: moving(({ until }) => ({ action: 'extend', until: given(until) })),
  'resolve-accept': resolving('accept'),
  'resolve-return': resolving('return'),
  'resolve-close': resolving('close'),
} as const satisfies Readonly<Record<OrderDecisionName, Perform<OrderDeps, OrderCall>>>;

/** Brings a request that is kept to its workflow, under the id it was asked by; answers its outcome. */
export type Bring<Deps> = (deps: Deps, request: UnfinishedAction) => Promise<string>;

export const ORDER_BRINGERS = {
  close: ({ orders }, { mchid, orderNo, id: requestId }) => orders.close({ mchid, orderNo, requestId }),
  fulfilment: ({ orders }, { mchid, orderNo, parameters }) =>
    orders.reportFulfilment({ mchid, orderNo, outcome: given(parameters.outcome) }),
  resolve: async ({ orders }, { mchid, orderNo, id: requestId, parameters }) =>
    carriedOut(await orders.resolve({ mchid, orderNo, requestId, action: given(parameters.action) }), true),
  hold: (deps, request) => bringMove(deps, request, { action: 'hold' }),
  release: (deps, request) => bringMove(deps, request, { action: 'release' }),
  extend: (deps, request) => bringMove(deps, request, { action: 'extend', until: given(request.parameters.until) }),
  recheck: async (deps, request) => lookAgain(deps, given(await loadOrder(deps.db, request))),
  rescue: bringRescue,
} as const satisfies Readonly<Record<string, Bring<MovingDeps>>>;

async function bringMove(deps: MovingDeps, request: UnfinishedAction, move: DeadlineMove): Promise<string> {
  const { mchid, orderNo, id: requestId } = request;
  const until = deadlineAfter(given(await loadOrder(deps.db, request)), move, deps.now());
  return until === undefined ? 'not_open' : deps.orders.extendDeadline({ mchid, orderNo, requestId, until });
}

async function bringRescue(deps: MovingDeps, request: UnfinishedAction): Promise<string> {
  const order = given(await loadOrder(deps.db, request));
  const refund = order.refunds.find(({ outRefundNo }) => outRefundNo === request.outRefundNo);
  return refund === undefined ? revive(deps, order) : reviveRefund(deps, refund);
}
