// decide/route: the names under which a request is limited and reported.
import { expect } from 'chai';
import fc from 'fast-check';
import { groupOf, routeOf } from '../../lib/decide/route.js';

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P';

describe('The route of a request', () => {
  for (const [path, route] of [
    ['/orders/42?full=1', '/orders/{id}'],
    ['/orders/42/items/7', '/orders/{id}/items/{id}'],
    ['/orders?token=abc#top', '/orders'],
    ['/orders#42', '/orders'],
    ['/carts/3f2504e0-4f89-41d3-9a0c-0305e82c3301', '/carts/{id}'],
    ['/carts/3F2504E0-4F89-41D3-9A0C-0305E82C3301', '/carts/{id}'],
    ['/files/deadbeefdeadbeef', '/files/{id}'],
    ['/links/a1B2c3D4e5F6g7H8i9J0', '/links/{id}'],
    [`/verify/${JWT}`, '/verify/{id}'],
    ['/oauth/token/validate', '/oauth/token/validate'],
    ['/v1/products', '/v1/products'],
    ['/password/send-reset-email', '/password/send-reset-email'],
    ['orders/42', 'orders/{id}'],
    ['', '/'],
    ['/', '/'],
    ['?page=2', '/'],
  ] as const)
    it(`of '${path.slice(0, 50)}' is '${route}'`, () => {
      expect(routeOf(path)).to.equal(route);
    });

  it('is cut where it is very long, and so is the group', () => {
    expect(routeOf(`/${'a-'.repeat(200)}`)).to.have.length(120);
    expect(groupOf(`/${'a-'.repeat(200)}`)).to.have.length(120);
  });

  it('names nobody by an e-mail address', () => {
    for (const address of ['ada@example.com', 'ada%40example.com'])
      expect(routeOf(`/customers/${address}/orders`)).to.equal('/customers/{id}/orders');
  });

  it('carries no id and no query, whatever the path', () => {
    const id = fc.oneof(
      fc.nat().map(String),
      fc.uuid(),
      fc.stringMatching(/^[0-9a-f]{16,40}$/),
      fc.stringMatching(/^\d[\w-]{20,40}$/),
    );
    const query = fc.stringMatching(/^[a-z0-9=&]{0,20}$/);
    fc.assert(
      fc.property(id, id, query, (one, other, asked) => {
        expect(routeOf(`/orders/${one}/items/${other}?${asked}`)).to.equal('/orders/{id}/items/{id}');
      }),
    );
  });

  it('is bounded in length and free of a query for any text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 500 }), (path) => {
        const route = routeOf(path);
        expect(route).to.have.length.within(1, 120);
        expect(route).not.to.match(/[?#]/);
        expect(groupOf(path)).not.to.match(/[?#]/);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('The group that is limited together', () => {
  it('is the first segment of the path', () => {
    expect(groupOf('/orders/1')).to.equal('orders');
    expect(groupOf('/orders/2/items?x=1')).to.equal('orders');
    expect(groupOf('orders')).to.equal('orders');
    expect(groupOf('/42/orders')).to.equal('{id}');
    expect(groupOf('/')).to.equal(groupOf(''));
    expect(groupOf('//')).to.equal(groupOf(''));
  });
});
