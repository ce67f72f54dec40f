import type { LogEntry } from '@temporalio/worker';
import type { Logger } from 'pino';
import { describeError } from '../base/describe-error.js';

/**
 * Temporal's own lines in our log: ids, names and counts. Arguments, results and details of failures are never among their
 * fields; of an error only what may be logged goes on, and the token a task is answered with does not.
 */
export function relay(log: Logger, { level, message, meta }: LogEntry): void {
  const { error, ...fields } = meta ?? {};
  const line = { ...fields, taskToken: undefined, ...(error === undefined ? {} : { error: describeError(error) }) };
  if (level === 'ERROR') log.error(line, message);
  else if (level === 'WARN') log.warn(line, message);
  else if (level === 'INFO' && isOurs(fields)) log.info(line, message);
  else log.debug(line, message);
}

/** Written by our activities or workflows; what the SDK says of itself is for those who debug it. */
const isOurs = ({ sdkComponent }: Readonly<Record<string, unknown>>): boolean =>
  sdkComponent === 'activity' || sdkComponent === 'workflow';
