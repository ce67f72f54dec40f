import { ApplicationFailure } from '@temporalio/workflow';
import type { OrderEvent } from '../src/domain/order/events.js';
import { nextStep, type Step } from '../src/domain/order/next-step.js';
import { projectionOf } from '../src/domain/order/projection.js';
import { startRefund } from './children.js';
import { isUnwritten, newFact, untilNews, type Facts } from './facts.js';
import { close, prepay, query } from './gateway-steps.js';
import { durable, local } from './proxies.js';
import type { Renewal } from './renewal.js';
import { createAsking, createStepper, isSuperseded, type Stepper } from './step.js';
import { tell } from './tell.js';

type StepOf<Kind extends Step['kind']> = Extract<Step, { kind: Kind }>;

/** Does one step and folds what came of it. */
export function createRunner(facts: Facts, renewal: Renewal): (step: Step) => Promise<void> {
  const stepper = createStepper();
  const calling = { stepper, asking: createAsking(), renewal };
  return async (step) => {
    switch (step.kind) {
      case 'load':
        return load(facts, stepper);
      case 'project':
        return project(facts, stepper);
      case 'prepay':
        return prepay(facts, calling, step);
      case 'nextNumber':
        return nextNumber(facts, stepper, step);
      case 'query':
        return query(facts, calling, step);
      case 'close':
        return close(facts, calling, step);
      case 'tell':
        facts.fold({ type: 'told', event: step.event, outcome: await tell(stepper, step.event, facts) });
        return;
      case 'return':
        return giveBack(facts, stepper, step);
      case 'overdue':
        return timeIsOver(facts, stepper, step.kind, { type: 'fulfilmentDue' });
      case 'expire':
        return timeIsOver(facts, stepper, step.kind, { type: 'deadlineReached' });
      case 'overlong':
        facts.fold({ type: 'overlong' });
        return;
      case 'wait':
        return newFact(facts, step.untilMs, renewal);
      default:
        return step satisfies never;
    }
  };
}

async function load(facts: Facts, step: Stepper): Promise<void> {
  const { mchid, orderNo } = facts.now;
  const loaded = await step({
    local: () => local('load').loadOrder({ mchid, orderNo }),
    durable: () => durable('order', 'load').loadOrder({ mchid, orderNo }),
  });
  if (loaded === null) throw ApplicationFailure.nonRetryable('the order has no row', 'order_not_found');
  if (!isSuperseded(loaded)) facts.fold({ type: 'loaded', loaded });
}

/** Readers see it before anything else happens. If Postgres stands further on, these facts are read anew from there. */
async function project(facts: Facts, step: Stepper): Promise<void> {
  const projection = projectionOf(facts.now);
  const summary = `project ${projection.state}`;
  const input = { ...projection, told: facts.now.unwritten };
  const written = await step({
    ...untilNews(facts, () => local(summary).projectOrder(input)),
    durable: () => durable('order', summary).projectOrder(input),
  });
  if (isSuperseded(written) || isUnwritten(facts, written)) return;
  const { applied, events } = written;
  facts.fold(applied ? { type: 'projected', projection, events } : { type: 'overtaken' });
}

/** Reserved in Postgres first, then a workflow of its own: whatever happens in between, the sweeper finds the row. */
async function giveBack(facts: Facts, step: Stepper, { outTradeNo, cause }: StepOf<'return'>): Promise<void> {
  const { mchid, orderNo } = facts.now;
  const summary = `return ${outTradeNo}`;
  const input = { mchid, orderNo, outTradeNo, cause, told: facts.now.unwritten };
  const reserved = await step({
    ...untilNews(facts, () => local(summary).reserveReturn(input)),
    durable: () => durable('order', summary).reserveReturn(input),
  });
  if (isSuperseded(reserved) || isUnwritten(facts, reserved)) return;
  if (reserved.kind === 'reserved') {
    const { outRefundNo, amountFen } = reserved;
    await startRefund({ mchid, outRefundNo, language: facts.language }, amountFen);
  }
  facts.fold({ type: 'returned', outTradeNo, outcome: reserved.kind === 'reserved' ? 'started' : reserved.kind });
}

/** What somebody said in time, and this order could not be told, counts before it is too late. */
async function timeIsOver(facts: Facts, step: Stepper, kind: Step['kind'], over: OrderEvent): Promise<void> {
  const { mchid, orderNo } = facts.now;
  const unheard = await step({
    local: () => local('look for requests').unheard({ mchid, orderNo }),
    durable: () => durable('order', 'look for requests').unheard({ mchid, orderNo }),
  });
  if (isSuperseded(unheard)) return;
  for (const event of unheard) facts.fold(event);
  if (nextStep(facts.now, Date.now())?.kind === kind) facts.fold(over);
}

/** Reserved once in Postgres, whoever asks again. */
async function nextNumber(facts: Facts, step: Stepper, { after }: StepOf<'nextNumber'>): Promise<void> {
  const { mchid, orderNo } = facts.now;
  const summary = `next number after ${after}`;
  const input = { mchid, orderNo, after, told: facts.now.unwritten };
  const reserved = await step({
    ...untilNews(facts, () => local(summary).reserveNextAttempt(input)),
    durable: () => durable('order', summary).reserveNextAttempt(input),
  });
  if (!isSuperseded(reserved) && !isUnwritten(facts, reserved))
    facts.fold({ type: 'nextReserved', outTradeNo: reserved.outTradeNo });
}
