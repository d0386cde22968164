// The cookie of a browser's session, and what is derived from it. Its value is random and known to the browser alone:
// stores and events see a digest, and so does the page.

export interface CookieSettings {
  readonly sameSite: 'Strict' | 'Lax';
  /** Ms; `undefined`: until the browser is closed. */
  readonly maxAge: number | undefined;
  readonly secure: boolean;
}

/** The session that a cookie names. */
export interface Ticket {
  /** What the cookie holds. */
  readonly id: string;
  /** Names the session at the coordinator. Bound to the shop: the cookie of another one names nothing here. */
  readonly key: string;
  /**
   * Stands in for the access token in the browser. It opens nothing without the cookie, and proves that a page speaks of
   * the session that the cookie names, and was let see it.
   */
  readonly stamp: string;
}

export interface Cookies {
  /** A session nobody knows of yet. */
  fresh(): Promise<Ticket>;
  /** What the request's cookie names; `undefined`: it has none that was made here. */
  read(request: Request): Promise<Ticket | undefined>;
  set(ticket: Ticket): string;
  clear(): string;
}

const ID_BYTES = 32;
const ID = /^[\w-]{43}$/;

export function createCookies(shopId: number, { sameSite, maxAge, secure }: CookieSettings): Cookies {
  // A shop of its own name: two shops of one host do not write over each other.
  const name = `${secure ? '__Host-' : ''}holdfast-${shopId}`;
  const attributes = `; Path=/; HttpOnly${secure ? '; Secure' : ''}; SameSite=${sameSite}`;
  const lasting = maxAge === undefined ? '' : `; Max-Age=${Math.floor(maxAge / 1_000)}`;

  async function ticketOf(id: string): Promise<Ticket> {
    const [key, stamp] = await Promise.all([digest(`key ${shopId} ${id}`), digest(`stamp ${shopId} ${id}`)]);
    return { id, key: `bff:${key}`, stamp };
  }

  return {
    fresh: () => ticketOf(base64Url(crypto.getRandomValues(new Uint8Array(ID_BYTES)))),
    async read(request) {
      const pairs = (request.headers.get('cookie') ?? '').split(';').map((pair) => pair.trim());
      const values = pairs.filter((pair) => pair.startsWith(`${name}=`));
      const [value = ''] = values;
      const id = value.slice(name.length + 1);
      // Of two with this name one is not ours.
      return values.length === 1 && ID.test(id) ? ticketOf(id) : undefined;
    },
    set: ({ id }) => `${name}=${id}${attributes}${lasting}`,
    clear: () => `${name}=${attributes}; Max-Age=0`,
  };
}

async function digest(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(`holdfast bff ${text}`);
  return base64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}

function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}
