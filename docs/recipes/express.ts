// A shop on Express: the backend of its pages, and a page that is made on the server.
import express from 'express';
import { nodeHandler } from 'holdfast/bff';
import { loadAccount } from './account.js';
import { bff, ORDERS_URL, SHOP_ORIGIN } from './backend.js';

const app = express();
app.use(nodeHandler(bff)); // before any body parser: how large a body may be is decided there
app.use(express.json());

app.get('/account', async (request, response) => {
  const left = new AbortController();
  response.once('close', () => left.abort());
  const { cookie = '' } = request.headers;
  const account = await loadAccount(
    bff,
    ORDERS_URL,
    new Request(`${SHOP_ORIGIN}/account`, { headers: { cookie }, signal: left.signal }),
  );
  response.set('Cache-Control', 'private, no-store');
  if (account.is === 'known') response.json(account.orders);
  else if (account.is === 'nobody') response.redirect(303, '/login');
  else response.status(503).set('Retry-After', String(account.seconds)).send(account.message);
});

const server = app.listen(Number(process.env.PORT ?? 3000));
process.once('SIGTERM', () => {
  server.close(() => bff.close()); // who is being served gets an answer first
});
