// The demo values, by themselves: they are for pages too, where the rest of the sandbox cannot be.

/** Who and what a sandbox knows unless told otherwise. */
export const DEMO = {
  client: { id: 'demo-client', secret: 'demo-secret' },
  customer: {
    email: 'ada@example.com',
    password: 'correct horse',
    firstName: 'Ada',
    lastName: 'Lovelace',
    gender: 'f',
  },
  otherCustomer: {
    email: 'ben@example.com',
    password: 'battery staple',
    firstName: 'Ben',
    lastName: 'Bitdiddle',
    gender: 'm',
  },
  deactivated: {
    email: 'dora@example.com',
    password: 'wrong side of town',
    firstName: 'Dora',
    lastName: 'Dormant',
    gender: 'd',
    deactivated: true,
  },
  shopId: 1001,
} as const;
