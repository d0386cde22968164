// A value that may be used but never seen: tokens, passwords and client secrets travel as this.

/** What stands in place of a secret. */
export const MASK = '[secret]';

/** Wraps a secret. Every way of printing or copying it gives `[secret]`; only `reveal()` gives the value. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value. Call it at the last moment, and let the result go out of scope. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return MASK;
  }
}
