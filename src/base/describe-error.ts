type DescribedError = {
  readonly name: string;
  readonly code?: string | undefined;
  readonly message?: string | undefined;
  readonly stack: readonly string[];
  readonly cause?: DescribedError | undefined;
};

const MAX_CAUSES = 5;

/** An unexpected error as it may be logged: without the text of a database error, which quotes parameters and rows. */
export function describeError(error: unknown, depth = 0): DescribedError {
  if (!(error instanceof Error)) return { name: typeof error, stack: [] };
  return {
    name: error.name,
    code: 'code' in error && typeof error.code === 'string' ? error.code : undefined,
    message: carriesValues(error) ? undefined : error.message,
    stack: framesOf(error),
    cause: error.cause === undefined || depth >= MAX_CAUSES ? undefined : describeError(error.cause, depth + 1),
  };
}

const carriesValues = (error: Error): boolean =>
  'query' in error || 'severity' in error || error.message.startsWith('Failed query');

/** Frames only: the head of a stack repeats the message. */
function framesOf(error: Error): readonly string[] {
  const lines = (error.stack ?? '').split('\n');
  return lines.filter((line) => /^\s+at /.test(line)).map((line) => line.trim());
}
