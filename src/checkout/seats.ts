/** How many streams may follow one order at once; nobody has that many screens. */
const PER_ORDER = 20;

export type Seats = {
  /** Gives back a function to leave by, or `undefined` when all are taken. */
  take(order: string): (() => void) | undefined;
};

export function createSeats(): Seats {
  const taken = new Map<string, number>();
  return {
    take(order) {
      const count = taken.get(order) ?? 0;
      if (count >= PER_ORDER) return undefined;
      taken.set(order, count + 1);
      return () => {
        const left = (taken.get(order) ?? 1) - 1;
        if (left === 0) taken.delete(order);
        else taken.set(order, left);
      };
    },
  };
}
