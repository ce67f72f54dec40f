import { defineSearchAttributeKey, SearchAttributeType, type Duration } from '@temporalio/common';
import {
  allHandlersFinished,
  CancellationScope,
  condition,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Language } from '../../src/base/language.js';
import { SEARCH_ATTRIBUTES } from './messages.js';
import { createPoller } from './poller.js';
import { createRenewal, inNewRun, type Renewal } from './run.js';
import { createAsking, createStepper, type Asking, type Stepper } from './step.js';

/** A saga under way: handlers and steps fold facts into `now`; only the loop acts on it. */
export type Saga<State, Event> = Stepper & {
  readonly now: State;
  readonly language: Language;
  readonly asking: Asking;
  readonly renewal: Renewal;
  fold(event: Event): void;
};

/** What a feature adds to the machine, beside `transition`. All but `steps` and `poll` is pure. */
export type SagaDefinition<State, Event, Step extends { readonly kind: string }, Target extends string> = {
  /** Undefined: nothing is left to do and the workflow may end. */
  nextStep(state: State, nowMs: number): (Step & { readonly kind: Step['kind'] }) | Wait<Target> | undefined;
  readonly steps: StepTable<State, Event, Step>;
  /** Asks beside the loop, until there is news. */
  poll(saga: Saga<State, Event>, target: Target): Promise<Event>;
  /** Postgres holds all of it, or is known to refuse it: only then is it shown, and only then may a run end. */
  isWritten(state: State): boolean;
  show(state: State, language: Language, nowMs: number): Shown;
};

export type Shown = {
  readonly card: string;
  readonly stuckReason: string | null;
  /** Absent: as it is. */
  readonly payState?: string;
};

export type StepTable<State, Event, Step extends { readonly kind: string }> = {
  readonly [Kind in Step['kind']]: (
    saga: Saga<State, Event>,
    step: Step & { readonly kind: Kind },
  ) => Promise<void> | void;
};

/** Ends at `untilMs`, or with the next fact; `poll` names what to ask about meanwhile. */
export type Wait<Target> = { readonly kind: 'wait'; readonly untilMs: number | null; readonly poll: Target | null };

/** A saga that may have to read its row first. Facts that come before `begin` are kept, and folded then. */
export type OpenSaga<State, Event> = Pick<Saga<State, Event>, 'call' | 'fold'> & {
  readonly begun: Saga<State, Event> | null;
  begin(state: State): Saga<State, Event>;
};

export function openSaga<State, Event>(
  transition: (state: State, event: Event, nowMs: number) => State,
  language: Language,
): OpenSaga<State, Event> {
  const stepper = createStepper();
  const early: Event[] = [];
  let begun: Saga<State, Event> | null = null;
  return {
    call: stepper.call,
    get begun() {
      return begun;
    },
    fold(event) {
      if (begun === null) early.push(event);
      else begun.fold(event);
    },
    begin(state) {
      let now = state;
      begun = {
        ...stepper,
        get now() {
          return now;
        },
        language,
        asking: createAsking(),
        renewal: createRenewal(),
        fold(event) {
          now = transition(now, event, Date.now());
        },
      };
      for (const event of early) begun.fold(event);
      return begun;
    },
  };
}

/**
 * The one loop of every saga: the facts so far say the next step, and what comes of it is folded, until nothing is left to do.
 * Cancelling the workflow stops none of it. `nextInput` starts a new run.
 */
export async function live<State, Event, Step extends { readonly kind: string }, Target extends string>(
  saga: Saga<State, Event>,
  definition: SagaDefinition<State, Event, Step, Target>,
  nextInput: () => unknown,
): Promise<void> {
  const nextStep = () => definition.nextStep(saga.now, Date.now());
  const poll = createPoller(
    (target: Target) => definition.poll(saga, target),
    (news) => saga.fold(news),
  );
  const show = createVisibility();
  await CancellationScope.nonCancellable(async () => {
    for (;;) {
      const step = nextStep();
      const isWritten = definition.isWritten(saga.now);
      if (isWritten) show(definition.show(saga.now, saga.language, Date.now()));
      if (step === undefined) {
        const isOver = (): boolean => nextStep() === undefined;
        // A handler may give this loop something to do, and wait for that.
        await condition(() => allHandlersFinished() || !isOver());
        // Nothing is awaited between this look and the return: a fact folded meanwhile is seen.
        if (isOver()) return;
        continue;
      }
      const mayEnd = isWritten && (saga.renewal.isOver() || (isWait(step) && saga.renewal.isFree()));
      if (mayEnd) await inNewRun(nextInput());
      if (isWait(step)) {
        poll(step.poll);
        await newFact(saga, step.untilMs);
      } else {
        await definition.steps[step.kind](saga, step);
      }
    }
  });
}

const PAY_STATE = defineSearchAttributeKey(SEARCH_ATTRIBUTES.payState, SearchAttributeType.KEYWORD);
const STUCK_REASON = defineSearchAttributeKey(SEARCH_ATTRIBUTES.stuckReason, SearchAttributeType.KEYWORD);

/** A change of search attributes costs an event; the card costs none. */
function createVisibility(): (shown: Shown) => void {
  const started = workflowInfo().typedSearchAttributes;
  let payState = started.get(PAY_STATE) ?? null;
  let stuckReason = started.get(STUCK_REASON) ?? null;
  return (shown) => {
    const now = { payState: shown.payState ?? payState, stuckReason: shown.stuckReason };
    const changed = [
      ...(now.payState !== payState ? [{ key: PAY_STATE, value: now.payState }] : []),
      ...(now.stuckReason !== stuckReason ? [{ key: STUCK_REASON, value: now.stuckReason }] : []),
    ];
    ({ payState, stuckReason } = now);
    if (changed.length > 0) upsertSearchAttributes(changed);
    setCurrentDetails(shown.card);
  };
}

function isWait<Target>(step: { readonly kind: string } | Wait<Target>): step is Wait<Target> {
  return step.kind === 'wait';
}

/** Also ends at `untilMs`, or when the run may or must be followed by another. */
async function newFact(saga: Pick<Saga<unknown, never>, 'now' | 'renewal'>, untilMs: number | null): Promise<void> {
  const { now: seen, renewal } = saga;
  const known = renewal.endsAtMs();
  const changed = (): boolean => saga.now !== seen || renewal.isFree() || renewal.endsAtMs() !== known;
  const wakesAtMs = Math.min(untilMs ?? Infinity, known ?? Infinity);
  if (wakesAtMs === Infinity) await condition(changed);
  else await condition(changed, Math.max(1, wakesAtMs - Date.now()), { summary: 'wait' });
}

/** What a handler waits for, also while the workflow is cancelled; false when time ran out. */
export function until(met: () => boolean, timeout?: Duration): Promise<boolean> {
  return CancellationScope.nonCancellable(async () => {
    if (timeout !== undefined) return condition(met, timeout);
    await condition(met);
    return true;
  });
}
