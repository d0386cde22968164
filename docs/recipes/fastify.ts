// A shop on Fastify: the backend of its pages, and a page that is made on the server.
import { fastify } from 'fastify';
import { fastifyPlugin } from 'holdfast/bff';
import { loadAccount } from './account.js';
import { bff, ORDERS_URL, SHOP_ORIGIN } from './backend.js';

const app = fastify();
await app.register(fastifyPlugin(bff)); // the body parsers of the rest of the application stay as they are

app.get('/account', async (request, reply) => {
  const left = new AbortController();
  reply.raw.once('close', () => left.abort());
  const { cookie = '' } = request.headers;
  const account = await loadAccount(
    bff,
    ORDERS_URL,
    new Request(`${SHOP_ORIGIN}/account`, { headers: { cookie }, signal: left.signal }),
  );
  reply.header('cache-control', 'private, no-store');
  if (account.is === 'known') return reply.send(account.orders);
  if (account.is === 'nobody') return reply.redirect('/login', 303);
  return reply.code(503).header('retry-after', account.seconds).send(account.message);
});

app.addHook('onClose', () => bff.close());
await app.listen({ port: Number(process.env.PORT ?? 3000) });
process.once('SIGTERM', () => void app.close()); // who is being served gets an answer first
