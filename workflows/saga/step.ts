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
import { LOCAL_TRY_MS } from './activities.js';
import type { Renewal } from './run.js';

/**
 * Local tries of one workflow task take at most this together, far below what the SDK reports as still running: 0.8 of the
 * task's 30 s. A try begins only if it ends within it even when it takes all of its 2 s.
 */
const LOCAL_TRIES_MS = 5_000;

/** The same idempotent call, twice. */
export type Call<Answer> = {
  /** As a local activity, which is no event of its own. Absent: straight to the durable path. */
  readonly local?: () => Promise<Answer>;
  /** As a regular activity, retried until it answers. `isSent`: the local try reached the other side. */
  readonly durable: (isSent: boolean) => Promise<Answer>;
};

/** When a durable call that is under way is given up. */
export type Superseding = {
  readonly superseded: () => boolean;
  /** `superseded` may also turn true with time alone: then look again at this time. It may move. */
  readonly wakesAtMs?: () => number | null;
};

/** The fast path and its fallback, written once: any failure of the local try is followed by the durable call. */
export type Stepper = {
  readonly call: <Answer>(call: Call<Answer>) => Promise<Answer>;
  /** Undefined: superseded before there was an answer. */
  readonly callUnless: <Answer>(superseding: Superseding, call: Call<Answer>) => Promise<Answer | undefined>;
};

export function createStepper(): Stepper {
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
    let isSent = false;
    if (local !== undefined && mayTryLocally()) {
      try {
        return await local();
      } catch (error) {
        // Every failure of the local try is an ordinary case: the durable call asks the same with the same numbers.
        if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
        isSent = !isNeverSent(error);
      }
    }
    return durably(() => durable(isSent));
  };
  return {
    call: (call) => tried(call, (run) => run()),
    callUnless: (superseding, call) => tried(call, (run) => unless(superseding, run)),
  };
}

const isNeverSent = ({ cause }: TemporalFailure): boolean =>
  cause instanceof ApplicationFailure && cause.type === 'gate_shut';

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

/** Given up when it is no longer wanted, or when its run must end. `plannedMs`: when time alone may make it unwanted. */
export function supersededWhen(
  renewal: Renewal,
  isUnwanted: () => boolean = () => false,
  plannedMs: () => number | null = () => null,
): Superseding {
  return {
    superseded: () => isUnwanted() || renewal.isOver(),
    wakesAtMs: () => {
      const times = [plannedMs(), renewal.endsAtMs()].filter((time) => time !== null && time > Date.now());
      return times.length === 0 ? null : Math.min(...times.map(Number));
    },
  };
}

/** What the gateway answered. Undefined: superseded, or in trouble, a fact from which the loop goes on with the same call. */
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
 * Writes what is known. Undefined: Postgres refuses it, a fact from which the loop goes on with the same write. Once that is known
 * it is tried slowly, and at once when there is news or somebody asks.
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

/** What somebody asks for may try while WeChat Pay asks for quiet, once: made again for the same question it waits like any other. */
export type Asking = {
  /** True at the first call for this question, whatever becomes of it. */
  isFirst(question: string): boolean;
  /** It was answered: the next one like it is a new question. */
  over(question: string): void;
};

export function createAsking(): Asking {
  const asked = new Set<string>();
  return {
    isFirst(question) {
      const isNew = !asked.has(question);
      asked.add(question);
      return isNew;
    },
    over: (question) => void asked.delete(question),
  };
}
