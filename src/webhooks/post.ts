import { request as httpRequest, type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupAddress } from 'node:dns';
import { lookup as systemLookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { addressOf, type AddressGuard } from './address.js';

/** No answer's body is used, but a shop's ordinary one should not be cut off. */
const MAX_ANSWER_BYTES = 8 * 1024;

type PostDeps = {
  readonly permits: AddressGuard;
  readonly resolve: Resolve;
  readonly ca: readonly string[] | undefined;
};

type PostRequest = {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
};

/** `forbidden_address`: neither public nor allowed; nothing was sent. */
export type DeliveryFailure = 'timeout' | 'unreachable' | 'forbidden_address' | 'tls';

export type PostAnswer =
  | { readonly kind: 'answered'; readonly status: number; readonly retryAfter: string | undefined }
  | { readonly kind: 'failed'; readonly reason: DeliveryFailure };

/** A POST to a URL that somebody else chose, to a permitted address only. Redirects are answers. Never rejects for the wire. */
export function post(deps: PostDeps, { url, headers, body, timeoutMs, signal }: PostRequest): Promise<PostAnswer> {
  const scheme = url.protocol === 'https:' ? 'https' : 'http';
  const permits = (address: string): boolean => deps.permits(scheme, address);
  const address = addressOf(url.hostname);
  // A socket looks up names only.
  if (address !== undefined && !permits(address)) return Promise.resolve(failed('forbidden_address'));
  const deadline = AbortSignal.timeout(timeoutMs);
  const options: RequestOptions = {
    method: 'POST',
    hostname: address ?? url.hostname,
    port: url.port,
    path: `${url.pathname}${url.search}`,
    headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    // An agent of its own: no connection that was made for something else, no proxy of the environment.
    agent: false,
    lookup: guardedLookup(deps.resolve, permits),
    signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
  };
  const sent = scheme === 'https' ? httpsRequest({ ...options, ...tlsOptions(deps) }) : httpRequest(options);
  const reached = reachOf(sent, scheme);
  return new Promise((settle) => {
    sent.on('error', (error) => settle(failed(deadline.aborted ? 'timeout' : reasonOf(error, reached))));
    sent.on('response', (answer) => {
      settle({ kind: 'answered', status: answer.statusCode ?? 0, retryAfter: answer.headers['retry-after'] });
      discard(answer);
    });
    // Neither error nor response: a change of protocol, for one.
    sent.on('close', () => settle(failed('unreachable')));
    sent.end(body);
  });
}

const failed = (reason: DeliveryFailure): PostAnswer => ({ kind: 'failed', reason });

/** The environment could turn verification off. */
const tlsOptions = ({ ca }: PostDeps) => ({ rejectUnauthorized: true, ...(ca === undefined ? {} : { ca: [...ca] }) });

type Reach = { connected: boolean; secured: boolean };

/** TLS has too many error codes to tell its failures by them. */
function reachOf(sent: ClientRequest, scheme: 'http' | 'https'): Reach {
  const reach = { connected: false, secured: scheme === 'http' };
  sent.on('socket', (socket) => {
    socket.once('connect', () => (reach.connected = true));
    socket.once('secureConnect', () => (reach.secured = true));
  });
  return reach;
}

function reasonOf(error: Error, { connected, secured }: Reach): DeliveryFailure {
  if (error instanceof ForbiddenAddressError) return 'forbidden_address';
  return connected && !secured ? 'tls' : 'unreachable';
}

function discard(answer: IncomingMessage): void {
  let bytes = 0;
  answer.on('error', () => undefined);
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) answer.destroy();
  });
}

/** Best address first. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

export const systemResolve: Resolve = (hostname) => systemLookup(hostname, { all: true });

class ForbiddenAddressError extends Error {
  override readonly name = 'ForbiddenAddressError';
  readonly code = 'forbidden_address';
}

/** The socket's only lookup, so a name cannot mean one address when it is checked and another when it is used. */
function guardedLookup(resolve: Resolve, permits: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (found) => {
        const permitted = found.filter(({ address }) => permits(address));
        const [first] = permitted;
        if (first === undefined) callback(new ForbiddenAddressError(), '');
        else if (options.all === true) callback(null, permitted);
        else callback(null, first.address, first.family);
      },
      (error: unknown) => callback(error instanceof Error ? error : new Error('no address'), ''),
    );
  };
}
