// The resolution hook: whoever imports `nock` gets `nock-15`.

/** @type {import('node:module').ResolveHook} */
export async function resolve(specifier, context, nextResolve) {
  return nextResolve(specifier === 'nock' ? 'nock-15' : specifier, context);
}
