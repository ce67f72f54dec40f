import {
  ApplicationFailure,
  CancellationScope,
  condition,
  isCancellation,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';
import { LOCAL_TRY_MS } from './proxies.js';

/**
 * Local tries of one workflow task take at most this together, far below what the SDK reports as still running: 0.8 of the
 * task's 30 s. A try begins only if it ends within it even when it takes all of its 2 s.
 */
const LOCAL_TRIES_MS = 5_000;

export type Superseded = { readonly kind: 'superseded' };

export const isSuperseded = (reply: object): reply is Superseded => 'kind' in reply && reply.kind === 'superseded';

export type Call<Answer> = {
  /** Absent: straight to the durable path. */
  readonly local?: () => Promise<Answer>;
  /** `isSent`: the local try reached the other side. */
  readonly durable: (isSent: boolean) => Promise<Answer>;
  /** True once the order has something else to do; the durable call is given up then. */
  readonly superseded?: () => boolean;
  /** `superseded` may also turn true with time alone: then look again at this time. It may move. */
  readonly wakesAtMs?: () => number | null;
};

/**
 * The fast path and its fallback, written once: the same idempotent call first as a local activity (no event of its own),
 * and on any failure as a regular activity that is retried until it answers.
 */
export type Stepper = <Answer>(call: Call<Answer>) => Promise<Answer | Superseded>;

export function createStepper(): Stepper {
  let task = -1;
  let beganMs = 0;
  const mayTryLocally = (): boolean => {
    const { historyLength } = workflowInfo();
    if (task !== historyLength) beganMs = Date.now();
    task = historyLength;
    return Date.now() - beganMs + LOCAL_TRY_MS <= LOCAL_TRIES_MS;
  };
  return async (call) => {
    let isSent = false;
    if (call.local !== undefined && mayTryLocally()) {
      try {
        return await call.local();
      } catch (error) {
        // Every failure of the local try is an ordinary case: the durable call asks the same with the same numbers.
        if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
        isSent = !isNeverSent(error);
      }
    }
    return durably({ ...call, durable: () => call.durable(isSent) });
  };
}

const isNeverSent = ({ cause }: TemporalFailure): boolean =>
  cause instanceof ApplicationFailure && cause.type === 'gate_shut';

export type Asking = {
  /** True at the first call for this question, whatever becomes of it. */
  isFirst(question: string): boolean;
  /** It was answered: the next one like it is a new question. */
  over(question: string): void;
};

/** What somebody asks for may try while WeChat Pay asks for quiet, once: made again for the same question it waits like any other. */
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

type Durable<Answer> = Omit<Call<Answer>, 'durable'> & { readonly durable: () => Promise<Answer> };

async function durably<Answer>(call: Durable<Answer>): Promise<Answer | Superseded> {
  const { superseded } = call;
  if (superseded === undefined) return call.durable();
  const scope = new CancellationScope({ cancellable: true });
  const outcome = { settled: false };
  const running = scope
    .run(call.durable)
    .catch((error: unknown): Superseded => {
      if (isCancellation(error)) return { kind: 'superseded' };
      throw error;
    })
    .finally(() => {
      outcome.settled = true;
    });
  const over = (): boolean => outcome.settled || superseded();
  const wakesAtMs = (): number | null => call.wakesAtMs?.() ?? null;
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
