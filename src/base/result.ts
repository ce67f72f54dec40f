/** A domain rule's answer: a value, or the reason it was refused. Rules never throw for what a caller can cause. */
export type Result<T, E> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

export const ok = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });
export const err = <E>(error: E): { readonly ok: false; readonly error: E } => ({ ok: false, error });

/** The result, with a reason of the caller's own in place of the parser's. */
export const refusedAs = <T, E>(result: Result<T, unknown>, error: E): Result<T, E> =>
  result.ok ? result : err(error);
