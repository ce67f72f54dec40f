import type { Mchid } from '../base/ids.js';
import type { Actor } from './auth/actor.js';
import type { Language } from '../base/language.js';
import type { ErrorCode } from './error-codes.js';

/** What one request knows about itself, beside its own input. */
export type IngressEnv = {
  Variables: {
    requestId: string;
    /** Set on `/v1` only. */
    actor: Actor;
    /** The merchant this call is about, which the actor may act for. Set on `/v1` only, but for its search. */
    mchid: Mchid;
    /** Who is signed in. Set below `/ops` only, like the two that follow. */
    operator: Actor;
    /** What every form of this session's pages carries. */
    csrfToken: string;
    language: Language;
    errorCode?: ErrorCode;
    /** What the request was about, where its path does not say it. Goes into its log line. */
    about?: Readonly<Record<string, string>>;
  };
};
