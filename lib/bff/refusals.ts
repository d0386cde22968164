// What the backend itself refuses, before anything is sent to the API. A browser's client reads status and body by the
// failure table, as it reads the API's.
import type { Detail } from '../contract/answer.js';

export interface Refusal {
  readonly status: number;
  /** `error` of the body. */
  readonly key: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly details?: readonly Detail[];
}

export const REFUSALS = {
  path: {
    status: 400,
    key: 'INVALID_PATH',
    message: 'The path is not written in the one way that is accepted here.',
  },
  noHeader: {
    status: 403,
    key: 'HEADER_MISSING',
    message: 'The request lacks the header that requests of the shop’s own pages carry.',
  },
  crossSite: {
    status: 403,
    key: 'CROSS_SITE_REQUEST',
    message: 'The request comes from a page that is none of the shop’s.',
  },
  noOrigin: {
    status: 403,
    key: 'ORIGIN_UNKNOWN',
    message: 'The request does not say which page it comes from.',
  },
  notFound: { status: 404, key: 'NOT_FOUND', message: 'There is nothing here.' },
  mediaType: {
    status: 415,
    key: 'UNSUPPORTED_MEDIA_TYPE',
    message: 'The body must be JSON, and say so.',
  },
  tooLarge: { status: 413, key: 'BODY_TOO_LARGE', message: 'The body is larger than is accepted here.' },
  unreadable: { status: 400, key: 'INVALID_BODY', message: 'The body must be a JSON object.' },
  fault: { status: 500, key: 'INTERNAL_ERROR', message: 'The backend failed.' },
} as const satisfies Record<string, Refusal>;

export const methodRefused = (allowed: readonly string[]): Refusal => ({
  status: 405,
  key: 'METHOD_NOT_ALLOWED',
  message: 'The method is not accepted here.',
  headers: { allow: allowed.join(', ') },
});

/** A name is shown as JSON and cut: it comes from whoever sent the request. */
export const fieldRefused = (name: string): Refusal => ({
  status: 400,
  key: 'FIELD_NOT_ACCEPTED',
  message: `The field ${JSON.stringify(name.slice(0, 40))} is not accepted here.`,
});

export const fieldsMissing = (names: readonly string[]): Refusal => ({
  status: 422,
  key: 'VALIDATION_ERROR',
  message: 'Fields are missing or empty.',
  details: names.map((field) => ({ field, message: 'This must be a text that is not empty.' })),
});
