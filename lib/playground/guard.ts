// Who may speak to the playground: its own page, on this machine, under this machine's own names.
import type { IncomingHttpHeaders } from 'node:http';

const NAMES = ['localhost', '127.0.0.1', '[::1]'];

/** Origins under which the page can be opened. */
export const originsOf = (port: number): string[] => NAMES.map((name) => `http://${name}:${port}`);

/**
 * Whether the browser asked for this machine. A name that somebody made to point here (DNS rebinding) would have his page
 * pass for ours.
 */
export function isOwnHost({ host = '' }: IncomingHttpHeaders, port: number): boolean {
  return originsOf(port).includes(`http://${host.toLowerCase()}`);
}

/** Nothing but what this server has, and nothing inline. */
export const HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
} as const;
