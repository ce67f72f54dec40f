import type { components } from './generated/openapi.js';

type Problem = components['schemas']['Problem'];
export type ErrorCode = components['schemas']['ErrorCode'];
export type GatewayRefusal = components['schemas']['GatewayRefusal'];

/** What PaySaga answered in place of what was asked for. Switch on `code`; a newer server may say one that is not listed here. */
export class PaySagaError<Code extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'PaySagaError';
  readonly code: Code;
  readonly status: number;
  /** For people, in English; `message` holds it too. */
  readonly detail: string;
  /** Quote it to whoever runs PaySaga. */
  readonly requestId: string;
  /** WeChat Pay's own words; with `prepay_refused` and `charge_refused`, else null. */
  readonly gateway: GatewayRefusal | null;

  constructor(problem: Omit<Problem, 'code'> & { readonly code: Code }) {
    super(`${problem.code}: ${problem.detail}`);
    this.code = problem.code;
    this.status = problem.status;
    this.detail = problem.detail;
    this.requestId = problem.requestId;
    this.gateway = problem.gateway ?? null;
  }

  /** Whether it is one of these, or any where none is named. */
  static is<Of extends ErrorCode>(error: unknown, ...codes: readonly Of[]): error is PaySagaError<Of> {
    if (!(error instanceof PaySagaError)) return false;
    return codes.length === 0 || codes.some((code) => code === error.code);
  }
}

/**
 * No answer of PaySaga's: the network, a proxy, or time ran out. What was asked for may have happened all the same; the same
 * call says, since nothing is done twice.
 */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
  /** Of an answer that somebody else gave, as a proxy; null where there was none. */
  readonly status: number | null;

  constructor(message: string, { status = null, cause }: { status?: number | null; cause?: unknown } = {}) {
    super(message, { cause });
    this.status = status;
  }
}

/** Undefined for what PaySaga did not write. */
export function problemOf(text: string): Problem | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isProblem(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isProblem(value: unknown): value is Problem {
  if (typeof value !== 'object' || value === null) return false;
  const { code, detail, requestId, status }: { [Name in keyof Problem]?: unknown } = value;
  return [code, detail, requestId].every((field) => typeof field === 'string') && typeof status === 'number';
}
