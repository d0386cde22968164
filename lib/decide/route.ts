// From a request to the names under which it is limited and reported. Names carry no ids and no query: they are
// bounded in number and say nothing about a customer.

/** Path segments that look like ids: numbers, UUIDs, long hex, base64url, JWTs, e-mail addresses. */
const ID =
  /^(?:\d+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{16,}|(?=[\w-]*\d)[\w-]{20,}|(?=.{40})[\w-]+\.[\w-]+\.[\w-]*|.+(?:@|%40).+)$/i;
const LONGEST_NAME = 120;

/** `/orders/42?full=1` becomes `/orders/{id}`. */
export function routeOf(path: string): string {
  const clean = path.split(/[?#]/)[0] ?? '';
  const route = clean
    .split('/')
    .map((segment) => (ID.test(segment) ? '{id}' : segment))
    .join('/');
  return route.slice(0, LONGEST_NAME) || '/';
}

/** The part of a path that is limited together: its first segment, so that `/orders/1` and `/orders/2` share. */
export function groupOf(path: string): string {
  const first = /^\/*([^/?#]*)/.exec(path)?.[1] ?? '';
  return ID.test(first) ? '{id}' : first.slice(0, LONGEST_NAME);
}
