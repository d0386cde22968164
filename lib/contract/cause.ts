// Why no answer arrived: one vocabulary for what Node, fetch, XHR and mock libraries throw.
import type { Cause } from './codes.js';

/** Causes that a transport can report; the rest are decided on our side. */
export type TransportCause = Extract<
  Cause,
  'unsendable' | 'not-mocked' | 'untrusted' | 'refused' | 'lost' | 'oversized' | 'redirected'
>;

const BY_CODE: Readonly<Record<string, TransportCause>> = {
  ERR_NOCK_NO_MATCH: 'not-mocked',
  ECONNREFUSED: 'refused',
  ENOTFOUND: 'refused',
  EAI_AGAIN: 'refused',
  EHOSTUNREACH: 'refused',
  ENETUNREACH: 'refused',
  EADDRNOTAVAIL: 'refused',
  UND_ERR_CONNECT_TIMEOUT: 'refused',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'untrusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'untrusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'untrusted',
  UNABLE_TO_GET_ISSUER_CERT: 'untrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'untrusted',
  CERT_HAS_EXPIRED: 'untrusted',
  CERT_NOT_YET_VALID: 'untrusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'untrusted',
  ERR_INVALID_URL: 'unsendable',
  ERR_INVALID_CHAR: 'unsendable',
  ERR_INVALID_HTTP_TOKEN: 'unsendable',
  ERR_HTTP_INVALID_HEADER_VALUE: 'unsendable',
  ERR_UNESCAPED_CHARACTERS: 'unsendable',
  ERR_BAD_REQUEST: 'unsendable',
  ERR_BAD_OPTION: 'unsendable',
  ERR_BAD_OPTION_VALUE: 'unsendable',
  ERR_NOT_SUPPORT: 'unsendable',
  ERR_FORM_DATA_DEPTH_EXCEEDED: 'unsendable',
  UND_ERR_INVALID_ARG: 'unsendable',
  UND_ERR_NOT_SUPPORTED: 'unsendable',
  SyntaxError: 'unsendable', // XMLHttpRequest: no method, no header
  SecurityError: 'unsendable',
};

/** What the words of an error prove where its code does not: it could also mean that the connection broke later. */
const BY_MESSAGE: readonly (readonly [RegExp, TransportCause])[] = [
  [/\bmax(Content|Body)Length\b.*exceeded/, 'oversized'],
  [/before secure TLS connection/, 'refused'],
  [/SSL routines.*(wrong version|protocol|handshake)/, 'untrusted'], // no TLS that both sides speak
];

/** How deep `cause` and `errors` are followed: fetch wraps a connection error twice. */
const DEPTH_LIMIT = 4;

/**
 * The cause behind whatever a transport threw. Where it is not proven that no byte was sent, the connection may have
 * carried the request.
 */
export function causeOf(error: unknown): TransportCause {
  const layers = layersOf(error);
  if (layers.some(isMockMiss)) return 'not-mocked';
  const cause = layers.map(causeIn).find(Boolean) ?? 'lost';
  // A way to the host can also be lost while the answer is awaited, with the same code.
  return cause === 'refused' && layers.some(({ syscall }) => syscall === 'read' || syscall === 'write')
    ? 'lost'
    : cause;
}

function causeIn({ code, name, message, syscall }: Layer): TransportCause | undefined {
  if (syscall === 'connect' || syscall === 'getaddrinfo') return 'refused';
  if (syscall === 'open') return 'unsendable'; // the file of a body
  const told = BY_MESSAGE.find(([words]) => words.test(String(message)));
  if (told) return told[1];
  const known = typeof code === 'number' ? name : code; // a DOMException has a number
  return typeof known === 'string' ? BY_CODE[known] : undefined;
}

/** What a mock of `holdfast/testing` says about a call that it has no answer for; other texts may show the request. */
export function toldByMock(error: unknown): string | undefined {
  return layersOf(error).find(({ name }) => name === 'NotMocked')?.message as string | undefined;
}

/** A code such as `ECONNRESET`, from as deep as there is one; nothing else of such an error is safe to show. */
export function codeOf(error: unknown): string | undefined {
  const codes = layersOf(error).map(({ code }) => code);
  return codes
    .reverse()
    .find((code): code is string => typeof code === 'string' && /^[A-Z][A-Z\d_]{2,40}$/.test(code));
}

interface Layer {
  code?: unknown;
  name?: unknown;
  message?: unknown;
  syscall?: unknown;
  cause?: unknown;
  errors?: unknown;
}

/** The error, what caused it and what it collects, outermost first. */
function layersOf(error: unknown, depth = 0): Layer[] {
  if (typeof error !== 'object' || error === null || depth > DEPTH_LIMIT) return [];
  const layer = error as Layer;
  const collected = Array.isArray(layer.errors) ? (layer.errors as unknown[]) : [];
  return [
    layer,
    ...layersOf(layer.cause, depth + 1),
    ...collected.flatMap((each) => layersOf(each, depth + 1)),
  ];
}

/** nock answers a forbidden connection with the code of an unreachable network. */
function isMockMiss(layer: Layer): boolean {
  return layer.code === 'ERR_NOCK_NO_MATCH' || layer.name === 'NetConnectNotAllowedError';
}
