/** Wakes one waiter. Rings while nobody waits are kept as a single one. */
export type Bell = {
  readonly ring: () => void;
  readonly close: () => void;
  readonly wait: (timeoutMs: number) => Promise<'rung' | 'silent' | 'closed'>;
};

export function createBell(): Bell {
  let rung = false;
  let closed = false;
  let wake: () => void = () => undefined;
  return {
    ring() {
      rung = true;
      wake();
    },
    close() {
      closed = true;
      wake();
    },
    async wait(timeoutMs) {
      let timer: NodeJS.Timeout | undefined;
      if (!rung && !closed) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          timer = setTimeout(resolve, timeoutMs);
        });
        clearTimeout(timer);
      }
      if (closed) return 'closed';
      const outcome = rung ? 'rung' : 'silent';
      rung = false;
      return outcome;
    },
  };
}
