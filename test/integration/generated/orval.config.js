// How orders.ts was made: `npx orval@8.38.0 && npx prettier --write .` in this folder. orval itself is no dependency: it
// brings 60 MB for one file that changes with orders.yaml only.
export default {
  orders: {
    input: './orders.yaml',
    output: {
      target: './orders.ts',
      client: 'axios',
      headers: true,
      override: {
        header: () => [
          'The API of orders.yaml, as orval 8.38.0 makes it: see orval.config.js.',
          'Do not edit manually.',
          'eslint-disable',
        ],
      },
    },
  },
};
