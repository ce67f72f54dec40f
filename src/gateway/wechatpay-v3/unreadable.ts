import { GatewayError } from '../port.js';

/** WeChat Pay answered, proven, with something else than an answer to this call: whatever was asked for may have happened. */
export function unreadable(): GatewayError {
  return new GatewayError('unknown', { cause: new Error('the answer is not what this call answers') });
}
