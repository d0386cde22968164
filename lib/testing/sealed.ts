// A secret that a client sent: it can be compared, and is never shown.
import { isRecord } from '../contract/error-body.js';
import { isSecretName, maskShapes } from '../contract/redact.js';
import { MASK, Secret } from '../contract/secret.js';

let made = 0;

/** What was sent as a password, token or other secret. It prints as `[secret]` wherever it is printed. */
export class SentSecret {
  readonly #value: Secret;
  /** No two are alike for a deep comparison, which would otherwise find nothing in them that differs. */
  readonly number = (made += 1);

  constructor(value: string) {
    this.#value = new Secret(value);
  }

  /** Whether this is what was sent, or looks like it. */
  matches(expected: string | RegExp): boolean {
    const value = this.#value.reveal();
    return typeof expected === 'string' ? value === expected : value.search(expected) >= 0;
  }

  /** `[secret]`. */
  toString(): string {
    return MASK;
  }

  /** `[secret]`, as what `JSON.stringify()` writes. */
  toJSON(): string {
    return MASK;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return MASK;
  }
}

/** A copy in which everything that stands under the name of a secret is sealed, and what looks like one is masked. */
export function sealed(value: unknown): unknown {
  if (typeof value === 'string') return maskShapes(value);
  if (Array.isArray(value)) return value.map(sealed);
  if (!isRecord(value)) return value;
  const seal = ([name, item]: [string, unknown]) =>
    [name, isSecretName(name) && item !== null ? new SentSecret(textOf(item)) : sealed(item)] as const;
  return Object.fromEntries(Object.entries(value).map(seal));
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
