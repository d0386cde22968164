// Where the code runs: in a browser everybody can read what is in it.

/** The global object, as far as it is looked at. */
export interface Surroundings {
  readonly navigator?: { readonly product?: unknown };
  readonly process?: { readonly versions?: { readonly node?: unknown } };
}

/**
 * A page or a worker of a browser. HTML gives `navigator.product` this value in all of them, and no runtime of servers or
 * of apps has it; where tests give Node the globals of a page, it is Node still.
 */
export function isBrowser(world: Surroundings): boolean {
  return world.navigator?.product === 'Gecko' && !world.process?.versions?.node;
}
