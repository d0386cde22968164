// What a browser and the backend of its shop say to each other besides the operations: `holdfast/browser` and
// `holdfast/bff` both read it here.

export const BFF = {
  /** On every request: a page of another origin cannot set it without asking first, and is told no. */
  header: 'x-holdfast',
  headerValue: '1',
  /** Who is signed in; relative to the `basePath` of the backend. */
  sessionPath: '/session',
  /** In place of a `reset_url`, which the backend alone may choose. */
  resetUrl: '{hash}',
} as const;
