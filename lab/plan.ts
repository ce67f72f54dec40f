import type { Fault } from '../src/entries/demo/shop.js';

export const PARTS = ['ingress 1', 'ingress 2', 'worker 1', 'worker 2', 'Temporal', 'Postgres', 'the sandbox'] as const;
export type PartName = (typeof PARTS)[number] | 'PgBouncer';

/** `freeze`: SIGSTOP, and SIGCONT after `forMs`. `wipe`: Temporal is killed and loses its store. */
export type Harm = 'kill' | 'freeze' | 'restart' | 'wipe';

/** What happens to a process, `atMs` after the beginning. */
export type Hurt = {
  readonly atMs: number;
  readonly part: PartName;
  readonly harm: Harm;
  /** How long it is away, besides its own time to start. */
  readonly forMs: number;
};

export type Protocol = 'v3' | 'v2';

export type PlannedOrder = {
  readonly atMs: number;
  readonly orderNo: string;
  readonly protocol: Protocol;
  readonly story: string;
  readonly amountFen: number;
  readonly expiresInSeconds: number;
  readonly faults: readonly Fault[];
};

export type Plan = { readonly orders: readonly PlannedOrder[]; readonly hurts: readonly Hurt[] };

export type PlanOptions = {
  readonly seed: number;
  readonly orders: number;
  readonly minutes: number;
  readonly pooler: boolean;
  readonly stories: readonly { readonly name: string; readonly protocol: Protocol }[];
};

/** The same options make the same plan: no clock and no other randomness is in it. */
export function planOf(options: PlanOptions): Plan {
  const orders = orderStream(options, randomFrom(options.seed * 2));
  return { orders, hurts: hurtStream(options, randomFrom(options.seed * 2 + 1)) };
}

/** As brief as PaySaga lets orders live; API v2 closes nothing in its first 5 minutes. */
const LIFE_SECONDS = { v3: { from: 60, to: 120 }, v2: { from: 300, to: 300 } } as const;

const MAX_FAULTS = 3;

/** The last order begins while there is still harm to come to it. */
const LAST_BEGINS = 0.9;

function orderStream({ seed, orders, minutes, stories }: PlanOptions, random: Random): PlannedOrder[] {
  const spanMs = minutes * MINUTE_MS * LAST_BEGINS;
  return Array.from({ length: orders }, (_, index) => {
    const { name: story, protocol } = random.one(stories);
    const { from, to } = LIFE_SECONDS[protocol];
    return {
      atMs: Math.round((spanMs * index) / orders),
      orderNo: `lab-${seed}-${index + 1}`.padEnd(6, '-'),
      protocol,
      story,
      amountFen: random.whole(2, 50_000),
      expiresInSeconds: random.whole(from, to),
      faults: Array.from({ length: random.whole(0, MAX_FAULTS) }, () => faultFrom(random, protocol)),
    };
  });
}

const MINUTE_MS = 60_000;

const CALLS = ['prepay', 'query', 'close', 'refund', 'refundQuery', 'charge', 'reverse'] as const;

type FaultOf = (random: Random) => Fault;

const on =
  (targets: readonly string[], kind: string, fields: FaultOf = () => ({})): FaultOf =>
  (random) => ({ on: random.one(targets), kind, ...fields(random) });

/** An answer without the effect, or one that hides it; the last two are final refusals. */
const ERRORS: readonly Fault[] = [
  { status: 429, code: 'FREQUENCY_LIMITED', effect: false },
  { status: 429, code: 'FREQUENCY_LIMITED', effect: true },
  { status: 500, code: 'SYSTEM_ERROR', effect: true },
  { status: 503, effect: false, body: '<html>busy</html>', retryAfter: '86400' },
  { status: 502, effect: true, body: '' },
  { status: 400, code: 'PARAM_ERROR', effect: false },
  { status: 401, code: 'SIGN_ERROR', effect: false },
];

/** Every kind of fault that the sandbox has for the calls and notifies of one trade. */
const FAULTS: readonly FaultOf[] = [
  on(CALLS, 'http500'),
  on(CALLS, 'timeoutBefore'),
  on(CALLS, 'timeoutAfter'),
  on(CALLS, 'error', (random) => random.one(ERRORS)),
  on(CALLS, 'slow', (random) => ({ ms: random.whole(500, 15_000) })),
  on(CALLS, 'badSignature'),
  on(['query', 'refundQuery'], 'stale'),
  on(['query', 'close', 'reverse'], 'payBefore'),
  on(['query', 'close', 'reverse'], 'payAfter'),
  on(['reverse'], 'recall'),
  // Not on queries: PaySaga's books are what WeChat Pay answers, so a lie there is in them.
  on(['notify', 'pay'], 'wrongAmount'),
  on(['notify'], 'badSignature'),
  on(['notify'], 'drop'),
  on(['notify'], 'drop', () => ({ times: 0 })),
  on(['notify'], 'duplicate'),
  on(['notify'], 'wrongKey'),
  on(['notify'], 'delay', (random) => ({ ms: random.whole(500, 30_000) })),
];

/** API v2 has no signature probes. */
const V3_FAULTS: readonly FaultOf[] = [...FAULTS, on([...CALLS, 'notify'], 'signTest')];

function faultFrom(random: Random, protocol: Protocol): Fault {
  return { times: random.whole(1, 3), ...random.one(protocol === 'v3' ? V3_FAULTS : FAULTS)(random) };
}

/** The pause between two harms; several processes may be away at once, one only once. */
const PAUSE_MS = { from: 6_000, to: 34_000 };
const FREEZE_MS = { from: 5_000, to: 40_000 };
const AWAY_MS = { from: 0, to: 12_000 };
/** A process that was hurt has so long to come back before it is hurt again. */
const REST_MS = 15_000;

/** Orders that lose their workflow are found five minutes after their next step was due: too long for a short run. */
const WIPED_FROM_MINUTES = 3;

const HARMS: readonly Harm[] = ['kill', 'kill', 'kill', 'freeze', 'restart'];

function hurtStream({ minutes, pooler }: PlanOptions, random: Random): Hurt[] {
  const endMs = minutes * MINUTE_MS;
  const parts: readonly PartName[] = pooler ? [...PARTS, 'PgBouncer'] : PARTS;
  const wipe: Hurt = {
    atMs: Math.round(endMs * (0.4 + random.share() * 0.3)),
    part: 'Temporal',
    harm: 'wipe',
    forMs: 0,
  };
  const hurts: Hurt[] = minutes < WIPED_FROM_MINUTES ? [] : [wipe];
  for (
    let atMs = random.whole(PAUSE_MS.from, PAUSE_MS.to);
    atMs < endMs;
    atMs += random.whole(PAUSE_MS.from, PAUSE_MS.to)
  ) {
    const part = random.one(parts);
    // Control calls of the sandbox are not repeatable, so it is never killed: a gateway that hangs is a frozen one.
    const harm = part === 'the sandbox' ? 'freeze' : random.one(HARMS);
    const { from, to } = harm === 'freeze' ? FREEZE_MS : AWAY_MS;
    const hurt: Hurt = { atMs, part, harm, forMs: random.whole(from, to) };
    if (!hurts.some((other) => overlap(other, hurt))) hurts.push(hurt);
  }
  return hurts.sort((a, b) => a.atMs - b.atMs);
}

const overlap = (a: Hurt, b: Hurt): boolean =>
  a.part === b.part && a.atMs < b.atMs + b.forMs + REST_MS && b.atMs < a.atMs + a.forMs + REST_MS;

type Random = ReturnType<typeof randomFrom>;

/** Mulberry32: 32 bits of state, enough for a plan. */
function randomFrom(seed: number) {
  let state = Math.imul(seed + 1, 0x9e37_79b1) | 0;
  const share = (): number => {
    state = (state + 0x6d2b_79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 0x1_0000_0000;
  };
  const whole = (from: number, to: number): number => from + Math.floor(share() * (to - from + 1));
  const one = <T>(list: readonly T[]): T => {
    const chosen = list[whole(0, list.length - 1)];
    if (chosen === undefined) throw new Error('nothing to choose from');
    return chosen;
  };
  return { share, whole, one };
}
