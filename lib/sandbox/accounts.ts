// The customers: who exists, with which password. In memory and in the clear: this is a stage set, not a store.
import type { SandboxCustomer } from './options.js';

export interface Customer {
  /** The shop's number for the customer, `customerId` in access tokens. */
  readonly id: number;
  /** The auth service's own number, `sub` in access tokens. */
  readonly userId: number;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly gender: string;
  /** Guests have none. */
  password: string | undefined;
  deactivated: boolean;
}

export type Person = Pick<Customer, 'email' | 'firstName' | 'lastName' | 'gender'>;

export type Accounts = ReturnType<typeof createAccounts>;

const FIRST_CUSTOMER_ID = 11_729_551;

export function createAccounts(customers: readonly SandboxCustomer[]) {
  const registered = new Map<string, Customer>();
  let made = 0;

  function make(person: Person, password: string | undefined, deactivated: boolean): Customer {
    made += 1;
    const { email, firstName, lastName, gender } = person;
    return {
      id: FIRST_CUSTOMER_ID + made,
      userId: made,
      email,
      firstName,
      lastName,
      gender,
      password,
      deactivated,
    };
  }

  function register(person: Person, password: string, { deactivated = false } = {}): Customer {
    const customer = make(person, password, deactivated);
    registered.set(normal(person.email), customer);
    return customer;
  }

  for (const { password, deactivated = false, ...person } of customers)
    register(person, password, { deactivated });

  return {
    register,
    /** A customer for one purchase: no password, not found by address, and the address stays free. */
    guest: (person: Person): Customer => make(person, undefined, false),
    find: (email: string): Customer | undefined => registered.get(normal(email)),
  };
}

/** Addresses are compared without case. */
export function normal(email: string): string {
  return email.trim().toLowerCase();
}
