import postgres, { type Sql } from 'postgres';

/** One connection with Postgres, used by one caller at a time and never again once it is lost. */
export type Session = { readonly client: Sql; readonly lost: AbortSignal };

export type Sessions = {
  /** Waits for a free session. Rejects as soon as the session is lost, while `work` may still go on. */
  use<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** Lets what runs end, for 5 s at most; what waits for a session, and whoever comes later, is refused. */
  close(): Promise<void>;
};

export type SessionLimits = {
  readonly max: number;
  readonly idleMs: number;
  readonly lifeMs: number;
  /** From the first use to the server's first word. */
  readonly greetedWithinMs: number;
};

type Open = Session & { readonly endsAtMs: number; fail(error: Error): void; idleTimer?: NodeJS.Timeout };
type Waiting = { readonly resolve: (session: Open) => void; readonly reject: (error: Error) => void };

/**
 * At most `max` sessions with the driver's options. The driver's own pool opens a connection that was lost again, and remembers what
 * was sent in the moments before it noticed: the start-up message of the next one is then never sent, or a statement never answered.
 * So a client here has one connection, and goes with it.
 */
export function createSessions(options: Sql['options'], limits: SessionLimits): Sessions {
  const open = new Set<Open>();
  const ending = new Set<Promise<void>>();
  const waiting: Waiting[] = [];
  let idle: Open[] = [];
  let isClosed = false;

  function begin(): Open {
    const lost = new AbortController();
    const greeted = setTimeout(() => drop(failure('CONNECT_TIMEOUT')), limits.greetedWithinMs);
    const client = clientOfOne(options, {
      onparameter: () => clearTimeout(greeted),
      onclose: () => drop(failure('CONNECTION_CLOSED')),
    });
    const session: Open = { client, lost: lost.signal, endsAtMs: Date.now() + limits.lifeMs, fail: ignore };
    const drop = (error: Error): void => {
      clearTimeout(greeted);
      forget(session);
      lost.abort();
      session.fail(error);
      void client.end({ timeout: 0 });
      serve();
    };
    open.add(session);
    return session;
  }

  function forget(session: Open): void {
    clearTimeout(session.idleTimer);
    open.delete(session);
    idle = idle.filter((it) => it !== session);
  }

  function retire(session: Open): void {
    forget(session);
    const ended: Promise<void> = session.client
      .end({ timeout: CLOSES_WITHIN_SECONDS })
      .finally(() => ending.delete(ended));
    ending.add(ended);
    serve();
  }

  function serve(): void {
    while (!isClosed && open.size < limits.max) {
      const next = waiting.shift();
      if (next === undefined) return;
      next.resolve(begin());
    }
  }

  function take(): Open | Promise<Open> {
    if (isClosed) throw failure('CONNECTION_ENDED');
    const free = idle.pop();
    if (free !== undefined) clearTimeout(free.idleTimer);
    if (free !== undefined) return free;
    if (open.size < limits.max) return begin();
    return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  }

  function give(session: Open): void {
    session.fail = ignore;
    if (!open.has(session)) return;
    const isOver = isClosed || Date.now() > session.endsAtMs;
    const next = isOver ? undefined : waiting.shift();
    if (isOver) retire(session);
    else if (next !== undefined) next.resolve(session);
    else rest(session);
  }

  function rest(session: Open): void {
    session.idleTimer = setTimeout(() => retire(session), limits.idleMs);
    idle.push(session);
  }

  return {
    async use(work) {
      const session = await take();
      try {
        return await new Promise((resolve, reject) => {
          session.fail = reject;
          if (session.lost.aborted) reject(failure('CONNECTION_CLOSED'));
          else work(session).then(resolve, reject);
        });
      } finally {
        give(session);
      }
    },
    async close() {
      isClosed = true;
      for (const { reject } of waiting.splice(0)) reject(failure('CONNECTION_ENDED'));
      for (const session of [...open]) retire(session);
      await Promise.all(ending);
    },
  };
}

const CLOSES_WITHIN_SECONDS = 5;
const ignore = (): void => undefined;

/** Named as the driver names them. */
const failure = (code: string): Error => Object.assign(new Error('No session with Postgres'), { code });

type Hooks = { onparameter(): void; onclose(): void };

/** The driver tells of a parameter what it does not know yet, so each client has its own. It ends no connection by itself. */
function clientOfOne(options: object, hooks: Hooks): Sql {
  const own = { max: 1, idle_timeout: undefined, max_lifetime: null, parameters: {} };
  return postgres(Object.assign({}, options, own, hooks));
}
