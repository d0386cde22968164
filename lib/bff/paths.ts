// Paths: written in one way only, so that no two readers of one disagree about where it leads.

/** Characters of a segment (RFC 3986), and percent-encoded bytes. No `%` that is half of one, no backslash, no control. */
const SEGMENTS = /^(?:\/(?:[\w.~!$&'()*+,;=:@-]|%[\da-f]{2})*)+$/i;
/** Encoded: slash, backslash, controls and NUL; and what becomes one of those where it is decoded twice. */
const DISGUISED = /%(?:25)*(?:2f|5c|[01][\da-f]|7f)|%25(?:25)*2e/i;

/** Whether a path is anything else than plain segments: empty ones, dots, encoded slashes, another host. */
export function isTricky(path: string): boolean {
  if (path === '/') return false;
  if (!SEGMENTS.test(path) || DISGUISED.test(path)) return true;
  const segments = path.slice(1).split('/');
  return segments.some((segment, index) => {
    const last = index === segments.length - 1;
    return (segment === '' && !(last && index > 0)) || /^(?:\.|%2e){1,2}$/i.test(segment);
  });
}

/** What is left of a path behind a prefix that ends where a segment ends; `undefined`: it is not below it. */
export function below(prefix: string, path: string): string | undefined {
  if (!path.startsWith(prefix)) return undefined;
  const rest = path.slice(prefix.length);
  return rest === '' || rest.startsWith('/') ? rest : undefined;
}
