import type { Stack } from '../src/embedded/stack.js';

/** What a part has found, by the key that programs read. */
export type Figure = {
  readonly key: string;
  /** Null where this machine cannot say. */
  readonly value: number | null;
  readonly unit: 'ratio' | 's' | 'ms' | 'MB' | '/s' | 'count';
  readonly what: string;
  readonly budget?: Budget;
};

type Budget = { readonly atLeast: number } | { readonly atMost: number };

export type Measured = {
  readonly figures: readonly Figure[];
  /** Of one round, in CPU or wall milliseconds: what the ratios were made of. */
  readonly floors: Readonly<Record<string, number | null>>;
  /** With how much of what it was measured: `rounds`, and `lines`, `orders` or `rows`. */
  readonly sizes: Readonly<Record<string, number>>;
};

/** What the command line says; each part has its own default. */
type Sizes = {
  readonly rounds?: number;
  readonly lines?: number;
  readonly orders?: number;
  readonly rows?: number;
  readonly waiting?: number;
};

export type BenchOptions = Sizes & {
  /** One for all parts that ask, with all migrations; on a server without PaySaga's other processes. */
  readonly database: () => Promise<string>;
  /** Thrown away afterwards. */
  readonly folder: string;
  /** Ends with the benchmark, also when that is interrupted. */
  readonly stack: Stack;
  readonly onProgress: (line: string) => void;
};

export type Part = (options: BenchOptions) => Promise<Measured>;

/** What is not known misses nothing. */
export function isMissed({ value, budget }: Figure): boolean {
  if (budget === undefined || value === null) return false;
  return 'atLeast' in budget ? value < budget.atLeast : value > budget.atMost;
}
