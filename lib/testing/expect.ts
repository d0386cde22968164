// What the cases of the suite expect, without a library for it: they run in any test runner, and in a page.

/** @throws Error that says what was expected */
export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}

/** Values that look the same as JSON are the same. */
export function same(actual: unknown, expected: unknown, what: string): void {
  const [found, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  must(found === wanted, `${what}: expected ${wanted}, got ${found}.`);
}
