/** Written once as it is sent and signed: `*` is legal in a path, yet some servers and proxies rewrite it. */
export function pathSegment(value: string): string {
  return encodeURIComponent(value).replaceAll('*', '%2A');
}
