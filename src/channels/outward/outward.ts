import { request as httpRequest, type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import axios, { type AxiosRequestConfig } from 'axios';
import { GatewayError, silentLog, type GatewayLog } from '../port.js';
import { createAgents, type Agents, type ShownTls } from './agents.js';
import type { OutboundProxy } from './proxy.js';
import { createReachability } from './reachability.js';

/** What a call has left of its time. */
export type Within = { readonly signal: AbortSignal; readonly timeLeftMs: () => number };

/** `unreachable`: nothing left for this domain. `unanswered`: something may have left, and no answer came. */
export type DomainCall = {
  readonly host: string;
  readonly outcome: 'answered' | 'unreachable' | 'unanswered';
};

export type OutwardOptions = {
  readonly proxy?: OutboundProxy | undefined;
  /** Certificate authorities in PEM form, in the place of the well-known ones. */
  readonly ca?: readonly string[] | undefined;
  readonly log?: GatewayLog;
  /** A clock that is never set. */
  readonly monotonicMs?: () => number;
};

/** Sends one request to one domain; with these options axios says when the connection stood. */
type Send<Answer> = (domain: string, options: Connecting['options']) => Promise<Answer>;

/** The ways out of this process to WeChat Pay: all merchants share what is known of them. */
export type Outward = {
  /** Which connections an HTTP client uses; `tls`: what is shown and trusted there. */
  agents(tls?: ShownTls): Agents;
  /**
   * Sends to the first domain that can be reached. The next is tried only while it is certain that nothing has left for the one before:
   * what may have left is the caller's to repeat. Throws {@link GatewayError} `unreachable` when nothing left at all.
   */
  call<Answer>(domains: readonly string[], within: Within, send: Send<Answer>): Promise<Answer>;
  onCall(listener: (call: DomainCall) => void): void;
};

export function createOutward(options: OutwardOptions = {}): Outward {
  const { proxy, ca, log = silentLog, monotonicMs = () => performance.now() } = options;
  const reachability = createReachability(monotonicMs);
  const listeners: ((call: DomainCall) => void)[] = [];
  const tell = (domain: string, outcome: DomainCall['outcome']): void => {
    const { host } = new URL(domain);
    for (const listener of listeners) listener({ host, outcome });
  };
  const noteUnreachable = (domain: string, { cause }: GatewayError): void => {
    tell(domain, 'unreachable');
    const reason = cause instanceof Error ? cause.message : 'unknown';
    if (reachability.unreachable(domain))
      log.warn({ host: new URL(domain).host, reason }, 'WeChat Pay cannot be reached at this domain');
  };

  return {
    agents: (tls = {}) => createAgents(proxy, { ...(ca === undefined ? {} : { ca: [...ca] }), ...tls }),
    onCall: (listener) => void listeners.push(listener),
    call: async (domains, within, send) => {
      let failure: GatewayError | undefined;
      let left = domains.length;
      for (const domain of reachability.inOrder(domains)) {
        left -= 1;
        const connecting = startConnecting(within, left > 0);
        try {
          const answer = await send(domain, connecting.options);
          reachability.answered(domain);
          tell(domain, 'answered');
          return answer;
        } catch (error) {
          if (!connecting.isUnsent(error)) {
            tell(domain, 'unanswered');
            throw error;
          }
          failure = unreachable(error);
          // Out of time, or given up: that says nothing of the domain.
          if (within.signal.aborted) break;
          noteUnreachable(domain, failure);
        } finally {
          connecting.end();
        }
      }
      throw failure ?? new GatewayError('unreachable');
    },
  };
}

/** The client's own errors carry the whole request; a refusal of a certificate has its own code already. */
function unreachable(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  const code = axios.isCancel(error) ? 'ETIMEDOUT' : axios.isAxiosError(error) ? (error.code ?? 'no code') : 'no code';
  return new GatewayError('unreachable', { cause: Object.assign(new Error(`request failed: ${code}`), { code }) });
}

/** Of the time that is left, what one domain's connection may take while another could still be tried. */
const SHARE = 0.4;
const LONGEST_CONNECT_MS = 3_000;

type Connecting = {
  readonly options: Pick<AxiosRequestConfig, 'signal' | 'transport'> & { readonly signal: AbortSignal };
  /** It failed so before there was a connection, and will never get one. */
  isUnsent(error: unknown): boolean;
  end(): void;
};

function startConnecting({ signal, timeLeftMs }: Within, isLimited: boolean): Connecting {
  const tooLong = new AbortController();
  const limitMs = Math.min(LONGEST_CONNECT_MS, SHARE * timeLeftMs());
  const timer = isLimited ? setTimeout(() => tooLong.abort(), limitMs) : undefined;
  let state: 'idle' | 'connecting' | 'connected' = 'idle';
  const transport = {
    request(options: RequestOptions, onAnswer: (answer: IncomingMessage) => void): ClientRequest {
      const begun = (options.protocol === 'https:' ? httpsRequest : httpRequest)(options, onAnswer);
      state = 'connecting';
      begun.once('socket', () => {
        state = 'connected';
        clearTimeout(timer);
      });
      return begun;
    },
  };
  return {
    options: { transport, signal: AbortSignal.any([signal, tooLong.signal]) },
    isUnsent: (error) => state === 'connecting' || (state === 'idle' && axios.isCancel(error)),
    end: () => clearTimeout(timer),
  };
}
