/** How long a domain that could not be reached comes last; twice as long each further time. */
const REST_MS = 60_000;
const LONGEST_REST_MS = 300_000;

type Rest = { readonly untilMs: number; readonly lengthMs: number; readonly isProbed: boolean };

/**
 * Which domains of WeChat Pay cannot be reached from this process, whichever merchant found out: a dead one shall not cost each call
 * the wait for its connection. Remembers no other domains than are told to it.
 */
export function createReachability(nowMs: () => number) {
  const rests = new Map<string, Rest>();
  const isResting = (domain: string): boolean => (rests.get(domain)?.untilMs ?? -Infinity) > nowMs();
  const endOfRest = (domain: string): number => rests.get(domain)?.untilMs ?? 0;

  return {
    /** As given, but for those that rest, which come last. One call at a time finds out whether a rested first one is back. */
    inOrder: (domains: readonly string[]): readonly string[] => {
      const resting = domains.filter(isResting).sort((a, b) => endOfRest(a) - endOfRest(b));
      const order = [...domains.filter((domain) => !resting.includes(domain)), ...resting];
      const [first = ''] = order;
      const rest = rests.get(first);
      if (rest !== undefined && !resting.includes(first))
        rests.set(first, { ...rest, untilMs: nowMs() + rest.lengthMs, isProbed: true });
      return order;
    },
    /** True: that is news. */
    unreachable: (domain: string): boolean => {
      const rest = rests.get(domain);
      // Calls that set out together find out one after the other.
      if (rest !== undefined && isResting(domain) && !rest.isProbed) return false;
      const lengthMs = rest === undefined ? REST_MS : Math.min(2 * rest.lengthMs, LONGEST_REST_MS);
      rests.set(domain, { untilMs: nowMs() + lengthMs, lengthMs, isProbed: false });
      return rest === undefined;
    },
    answered: (domain: string): void => void rests.delete(domain),
  };
}
