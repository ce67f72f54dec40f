import {
  ApplicationFailure,
  CancellationScope,
  condition,
  isCancellation,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';
import type { Unwritten } from '../../activities/retry.js';
import type { GatewayReply, Trouble } from '../../src/orders/rules/trouble.js';
import type { Renewal } from './run.js';

/** A local try holds a slot of the worker's workflow tasks: two seconds, once, never longer. */
export const LOCAL_TRY_MS = 2_000;

/** All local tries of one workflow task together: far below the 0.8 of its 30 s that the SDK reports as still running. */
const LOCAL_TRIES_MS = 5_000;

/** The same idempotent call, in two ways. */
export type Call<Answer> = {
  /** A local activity; absent: straight to the durable path. */
  readonly local?: () => Promise<Answer>;
  /** A regular activity. `wasLimited`: the local try was answered that there are too many calls. */
  readonly durable: (wasLimited: boolean) => Promise<Answer>;
};

export type Superseding = {
  readonly superseded: () => boolean;
  /** When time alone may make `superseded` true; it may move. */
  readonly wakesAtMs?: () => number | null;
};

export type Stepper = ReturnType<typeof createStepper>;

/** Any failure of the local try is followed by the durable call. */
export function createStepper() {
  let task = -1;
  let beganMs = 0;
  const mayTryLocally = (): boolean => {
    const { historyLength } = workflowInfo();
    if (task !== historyLength) beganMs = Date.now();
    task = historyLength;
    return Date.now() - beganMs + LOCAL_TRY_MS <= LOCAL_TRIES_MS;
  };
  const tried = async <Answer, Late>(
    { local, durable }: Call<Answer>,
    durably: (run: () => Promise<Answer>) => Promise<Late>,
  ): Promise<Answer | Late> => {
    let wasLimited = false;
    if (local !== undefined && mayTryLocally()) {
      try {
        return await local();
      } catch (error) {
        if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
        wasLimited = isLimited(error);
      }
    }
    return durably(() => durable(wasLimited));
  };
  return {
    call: <Answer>(call: Call<Answer>): Promise<Answer> => tried(call, (run) => run()),
    /** Undefined: superseded before there was an answer. */
    callUnless: <Answer>(superseding: Superseding, call: Call<Answer>): Promise<Answer | undefined> =>
      tried(call, (run) => unless(superseding, run)),
  };
}

/** A local activity's failure comes as it was thrown, a regular one's as a cause. */
const isLimited = (failure: TemporalFailure): boolean =>
  [failure, failure.cause].some((it) => it instanceof ApplicationFailure && it.type === 'rate_limited');

async function unless<Answer>(
  { superseded, wakesAtMs = () => null }: Superseding,
  run: () => Promise<Answer>,
): Promise<Answer | undefined> {
  const scope = new CancellationScope({ cancellable: true });
  const outcome = { settled: false };
  const running = scope
    .run(run)
    .catch((error: unknown): undefined => {
      if (!isCancellation(error)) throw error;
      return undefined;
    })
    .finally(() => {
      outcome.settled = true;
    });
  const over = (): boolean => outcome.settled || superseded();
  while (!over()) {
    const planned = wakesAtMs();
    const moved = (): boolean => over() || wakesAtMs() !== planned;
    if (planned === null) await condition(moved);
    else await condition(moved, Math.max(1, planned - Date.now()));
  }
  // A no-op for a call that is over.
  scope.cancel();
  return running;
}

/** A call is given up when it is unwanted, or when its run must end. `plannedMs`: when time alone may make it unwanted. */
export function supersededWhen(
  renewal: Renewal,
  isUnwanted: () => boolean = () => false,
  plannedMs: () => number | null = () => null,
): Superseding {
  return {
    superseded: () => isUnwanted() || renewal.isOver(),
    wakesAtMs: () => {
      const times = [plannedMs(), renewal.endsAtMs()].flatMap((time) => time ?? []).filter((time) => time > Date.now());
      return times.length === 0 ? null : Math.min(...times);
    },
  };
}

/** Undefined: superseded, or in trouble, which is folded: the loop goes on with the same call. */
export function answered<Answer>(
  saga: { fold(event: { readonly type: 'troubled'; readonly reason: Trouble }): void },
  reply: GatewayReply<Answer> | undefined,
): Answer | undefined {
  if (reply?.kind === 'trouble') saga.fold({ type: 'troubled', reason: reply.reason });
  return reply?.kind === 'answer' ? reply.answer : undefined;
}

type Writer = Stepper & {
  readonly now: { readonly unwritten: boolean };
  fold(event: { readonly type: 'unwritten' }): void;
};

/**
 * Undefined: Postgres refuses it, which is folded: the loop goes on with the same write. Once that is known the tries are slow,
 * but for one at once when there is news or somebody asks.
 */
export async function write<Answer extends { readonly kind: string } | null>(
  saga: Writer,
  call: Call<Answer | Unwritten>,
): Promise<Answer | undefined> {
  const seen = saga.now;
  const reply = seen.unwritten
    ? await saga.callUnless({ superseded: () => saga.now !== seen }, { durable: call.durable })
    : await saga.call(call);
  if (!isUnwritten(reply)) return reply;
  saga.fold({ type: 'unwritten' });
  return undefined;
}

const isUnwritten = (reply: { readonly kind: string } | null | undefined): reply is Unwritten =>
  reply?.kind === 'unwritten';

export type Asking = ReturnType<typeof createAsking>;

/** While WeChat Pay asks for quiet, somebody's question may be tried once; made again it waits like any other call. */
export function createAsking() {
  const asked = new Set<string>();
  return {
    isFirst(question: string): boolean {
      const isNew = !asked.has(question);
      asked.add(question);
      return isNew;
    },
    /** Answered: the next one like it is a new question. */
    over: (question: string) => void asked.delete(question),
  };
}
