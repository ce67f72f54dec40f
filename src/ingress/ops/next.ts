/** Where to go after signing in: a page of ours below `/ops` and nowhere else, whatever a link asked for. */
export function safeNext(asked: string | undefined): string {
  if (asked === undefined || !asked.startsWith('/ops') || !URL.canParse(asked, BASE)) return '/ops';
  const { origin, pathname, search } = new URL(asked, BASE);
  const isPage = pathname === '/ops' || pathname.startsWith('/ops/');
  const isDoor = /^\/ops\/(login|logout|assets|charts\.json)/.test(pathname);
  return origin === BASE && isPage && !isDoor ? pathname + search : '/ops';
}

const BASE = 'http://ops.invalid';

export const loginPath = (next: string): string =>
  safeNext(next) === '/ops' ? '/ops/login' : `/ops/login?next=${encodeURIComponent(safeNext(next))}`;
