// Sign-in, registration, passwords and sign-out.
import type { Person } from './accounts.js';
import type { Call } from './call.js';
import type { ClientHandler, SessionHandler } from './handlers.js';
import { textIn } from './fields.js';
import { NOTHING, type Reply } from './replies.js';
import { tokenReply } from './token-handlers.js';
import type { World } from './world.js';

export const ACCOUNT_HANDLERS = {
  register: async (world, call, client) => {
    const person = personIn(call);
    if (world.accounts.find(person.email)) return world.refuse('user-already-exists');
    const customer = world.accounts.register(person, textIn(call.body, 'password'));
    return tokenReply(world, await world.tokens.issue(customer, client.id, call.device));
  },

  login: async (world, call, client) => {
    const { accounts, lockout, refuse, tokens } = world;
    const email = textIn(call.body, 'email');
    const locked = lockout.remaining(email);
    if (locked > 0) return refuseLocked(world, locked);
    const customer = accounts.find(email);
    if (customer?.password !== textIn(call.body, 'password')) {
      lockout.failed(email);
      return refuse('user-not-found'); // the same for an unknown address, so that nobody can ask who has an account
    }
    if (customer.deactivated) return refuse('user-deactivated');
    lockout.cleared(email);
    return tokenReply(world, await tokens.issue(customer, client.id, call.device));
  },

  guestLogin: async (world, call, client) => {
    const person = personIn(call);
    if (world.accounts.find(person.email)) return world.refuse('user-already-exists');
    return tokenReply(world, await world.tokens.issue(world.accounts.guest(person), client.id, call.device));
  },

  sendPasswordResetEmail: ({ accounts, hashes, refuse }, call) => {
    const customer = accounts.find(textIn(call.body, 'email'));
    if (!customer) return refuse('user-not-found');
    if (customer.deactivated) return refuse('user-deactivated');
    hashes.issue(customer); // the mail: `resetHash()` reads it
    return NOTHING;
  },

  updatePasswordByHash: async (world, call, client) => {
    const redeemed = world.hashes.redeem(textIn(call.body, 'hash'));
    if (redeemed.state !== 'ok') return world.refuse('password-reset-hash-expired');
    const customer = redeemed.value;
    if (customer.deactivated) return world.refuse('user-deactivated');
    customer.password = textIn(call.body, 'password');
    world.lockout.cleared(customer.email);
    world.tokens.revokeCustomer(customer); // whoever knew the old password is out
    return tokenReply(world, await world.tokens.issue(customer, client.id, call.device));
  },
} satisfies Record<string, ClientHandler>;

export const ACCOUNT_SESSION_HANDLERS = {
  updatePassword: ({ refuse }, call, { customer }) => {
    if (customer.password !== textIn(call.body, 'password')) return refuse('user-not-found');
    customer.password = textIn(call.body, 'new_password');
    return NOTHING;
  },

  logout: (_world, _call, grant) => {
    grant.revoked = true;
    return NOTHING;
  },
} satisfies Record<string, SessionHandler>;

function personIn({ body }: Call): Person {
  return {
    email: textIn(body, 'email'),
    firstName: textIn(body, 'first_name'),
    lastName: textIn(body, 'last_name'),
    gender: textIn(body, 'gender'),
  };
}

function refuseLocked({ refuse, settings }: World, ms: number): Reply {
  const headers = {
    'retry-after': String(Math.ceil(ms / 1_000)),
    'x-ratelimit-limit': String(settings.lockout.failures),
    'x-ratelimit-remaining': '0',
  };
  return refuse('too-many-attempts', {}, { headers });
}
