// The resolution hook: whoever imports `p-queue` gets `p-queue-10`.

/** @type {import('node:module').ResolveHook} */
export async function resolve(specifier, context, nextResolve) {
  return nextResolve(specifier === 'p-queue' ? 'p-queue-10' : specifier, context);
}
