// Loaded with --import: what a block meets that is meant for a page. It has an address, and its requests carry what a
// browser adds: where they come from, and cookies.
import http from 'node:http';

const origin = process.env.PAGE_ORIGIN ?? 'http://localhost';
Object.defineProperty(globalThis, 'location', { value: new URL(origin) });

const send = http.request;
let cookies = '';

/** @param {http.RequestOptions} options @param {(response: http.IncomingMessage) => void} heard */
function requestOfPage(options, heard) {
  const request = send(options, heard);
  request.setHeader('Origin', origin);
  request.setHeader('Sec-Fetch-Site', 'same-origin');
  if (cookies) request.setHeader('Cookie', cookies);
  request.once('response', ({ headers }) => {
    for (const cookie of headers['set-cookie'] ?? []) cookies = cookie.split(';')[0] ?? '';
  });
  return request;
}
Object.assign(http, { request: requestOfPage });
