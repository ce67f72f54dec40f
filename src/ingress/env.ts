import type { Mchid } from '../domain/ids.js';
import type { Actor } from './auth/actor.js';
import type { ErrorCode } from './error-codes.js';

/** What one request knows about itself, beside its own input. */
export type IngressEnv = {
  Variables: {
    requestId: string;
    /** Set on `/v1` only. */
    actor: Actor;
    /** The merchant this call is about, which the actor may act for. Set on `/v1` only. */
    mchid: Mchid;
    errorCode?: ErrorCode;
  };
};
