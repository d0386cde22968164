// The little of oidc-provider that the suite uses. Its published types do not compile next to those of express.
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  interface Token {
    save(): Promise<string>;
    destroy(): Promise<void>;
  }
  interface Grant extends Token {
    addOIDCScope(scope: string): void;
  }
  interface Context {
    readonly path: string;
    readonly oidc?: { readonly params?: Readonly<Record<string, unknown>> };
  }

  export default class Provider {
    constructor(issuer: string, configuration: object);
    readonly Client: { find(id: string): Promise<{ readonly clientId: string } | undefined> };
    readonly Grant: new (properties: object) => Grant;
    readonly AuthorizationCode: new (properties: object) => Token;
    readonly AccessToken: { find(value: string): Promise<Token | undefined> };
    use(middleware: (context: Context, next: () => Promise<void>) => Promise<void>): void;
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  }
}

declare module 'oidc-provider/lib/adapters/memory_adapter.js' {
  /** A store of its own; the one that is there by default belongs to the process, and warns. */
  export function createMemoryAdapter(): (model: string) => object;
}
