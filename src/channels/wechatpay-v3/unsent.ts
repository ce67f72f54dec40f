/**
 * True when the connection itself failed, so that nothing of the request can have left. Told by the system call, not by the
 * error's code: EHOSTUNREACH, say, can also end a connection that has carried a request already.
 */
export function wasNeverSent(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // Several addresses were tried (IPv6 and IPv4): one error each.
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(wasNeverSent);
  if ('syscall' in error) return error.syscall === 'connect' || error.syscall === 'getaddrinfo';
  return wasNeverSent(error.cause);
}
