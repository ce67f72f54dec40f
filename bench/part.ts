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
};

export type BenchOptions = {
  readonly databaseUrl: string;
  /** Thrown away afterwards. */
  readonly folder: string;
  /** Of a bill. */
  readonly lines: number;
  readonly rounds: number;
  readonly onProgress: (line: string) => void;
};

export type Part = (options: BenchOptions) => Promise<Measured>;

/** What is not known misses nothing. */
export function isMissed({ value, budget }: Figure): boolean {
  if (budget === undefined || value === null) return false;
  return 'atLeast' in budget ? value < budget.atLeast : value > budget.atMost;
}
