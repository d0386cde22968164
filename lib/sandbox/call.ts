// One request as the handlers see it: what is meant, with what, from where.
import type { IncomingHttpHeaders } from 'node:http';
import type { AuthMode } from '../contract/endpoints.js';
import { isRecord } from '../contract/error-body.js';
import { findOperation, type SandboxOperation } from './operations.js';
import type { Device } from './tokens.js';

export interface Call {
  readonly operation: SandboxOperation;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  /** The fields of the body, where it is a JSON object that says so, or a form. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
  /** The body, whatever it is: a JSON value, a text or `null`. */
  readonly content: unknown;
  /** What the `Authorization` header holds. */
  readonly auth: { readonly mode: AuthMode; readonly value: string };
  readonly device: Device;
}

/** What arrived on the wire. */
export interface Arrival {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly address: string;
}

export function readCall({ method, path, headers, text, address }: Arrival): Call {
  const content = contentOf(headers['content-type'], text);
  const body = isRecord(content) ? content : formOf(headers['content-type'], text);
  return {
    ...findOperation(method, path, body),
    ...{ method, path, headers, body, content },
    auth: readAuthorization(headers.authorization),
    device: {
      ip: textOf(headers['x-original-client-ip']) ?? address,
      userAgent: textOf(headers['x-original-user-agent']) ?? headers['user-agent'] ?? '',
    },
  };
}

function readAuthorization(header: string | undefined): Call['auth'] {
  const [, scheme = '', value = ''] = /^(\S+)\s+(\S+)\s*$/.exec(header ?? '') ?? [];
  switch (scheme.toLowerCase()) {
    case 'basic':
      return { mode: 'basic', value: Buffer.from(value, 'base64').toString('utf8') };
    case 'bearer':
      return { mode: 'bearer', value };
    default:
      return { mode: 'none', value: '' };
  }
}

function contentOf(type: string | undefined, text: string): unknown {
  if (text === '') return null;
  if (!/\bjson\b/i.test(type ?? '')) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function formOf(type: string | undefined, text: string): Record<string, string> | undefined {
  if (!/^application\/x-www-form-urlencoded\b/i.test(type ?? '')) return undefined;
  return Object.fromEntries(new URLSearchParams(text));
}

function textOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
