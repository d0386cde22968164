// The backend of the shop's pages, one for the whole process. Settings come from the environment.
import { memoryCoordinator } from 'holdfast';
import { createBff } from 'holdfast/bff';

const { AUTH_URL = '', CLIENT_ID = '', CLIENT_SECRET = '', SHOP_ID } = process.env;

/** Where the pages are. */
export const { SHOP_ORIGIN = 'http://localhost:3000' } = process.env;
/** The API of the orders, which takes the customer's token. */
export const { ORDERS_URL = '' } = process.env;

export const bff = createBff({
  auth: {
    baseURL: AUTH_URL, // https://{tenant}.auth.scayle.cloud/v1
    credentials: { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET },
    shopId: Number(SHOP_ID),
    coordinator: memoryCoordinator({ idle: 30 * 60_000 }), // where there are several processes: redisCoordinator()
  },
  origins: [SHOP_ORIGIN],
  resetUrl: `${SHOP_ORIGIN}/reset?hash={hash}`,
  resources: { '/orders': { target: ORDERS_URL, methods: ['GET', 'POST'] } },
  // With 'Strict', who follows a link of another site to /account would not be known there.
  cookie: { sameSite: 'Lax' },
});
