// The customer's panel: ways to sign in, and out. What goes wrong is said in the words of the error.
import type { Result, Session } from '../../index.js';
import type { BrowserClient } from '../../browser/index.js';
import { DEMO } from '../../sandbox/demo.js';
import { make } from './dom.js';
import { ask } from './server.js';

type Input = Readonly<Record<string, string>>;
type Outcome = Result<unknown>;

interface Field {
  readonly name: string;
  readonly label: string;
  readonly type: 'email' | 'password' | 'text';
  readonly value: string;
  readonly autocomplete: string;
}

const email = (value: string): Field => ({
  name: 'email',
  label: 'E-mail',
  type: 'email',
  value,
  autocomplete: 'username',
});
const password = (value: string, autocomplete: string): Field => ({
  name: 'password',
  label: 'Password',
  type: 'password',
  value,
  autocomplete,
});
const PERSON: readonly Field[] = [
  { name: 'firstName', label: 'First name', type: 'text', value: 'Grace', autocomplete: 'given-name' },
  { name: 'lastName', label: 'Last name', type: 'text', value: 'Hopper', autocomplete: 'family-name' },
];
/** The contract asks for one; the page does not. */
const GENDER = { gender: 'd' } as const;

export interface Panel {
  /** Shows who is signed in, or the forms. */
  show(signedIn: boolean): void;
  /** The customer's session, of this page or of the one before it was loaded again. */
  session(): Promise<Session | undefined>;
  readonly address: () => string;
}

interface Wiring {
  readonly into: HTMLElement;
  readonly shop: BrowserClient;
  readonly say: (text: string) => void;
  /** Who is signed in may have changed. */
  readonly changed: () => Promise<void>;
}

const ADDRESS = 'holdfast-playground-email';

export function createCustomer({ into, shop, say, changed }: Wiring): Panel {
  let shown: boolean | undefined;

  function form(
    fields: readonly Field[],
    action: string,
    send: (input: Input) => Promise<Outcome | undefined>,
  ) {
    const problem = make('p', { class: 'problem', hidden: true });
    const button = make('button', { type: 'submit' }, action);
    const element = make('form', { submit: (event) => void submit(event) });
    const id = action.toLowerCase().replaceAll(' ', '-');
    element.append(
      ...fields.map(({ name, label, ...rest }) =>
        make(
          'div',
          { class: 'field' },
          make('label', { for: `${id}-${name}` }, label),
          make('input', { id: `${id}-${name}`, name, required: true, ...rest }),
        ),
      ),
      problem,
      make('div', { class: 'row' }, button),
    );

    async function submit(event: Event): Promise<void> {
      event.preventDefault();
      const input = Object.fromEntries(
        [...new FormData(element)].map(([name, value]) => [name, typeof value === 'string' ? value : '']),
      );
      button.disabled = true;
      problem.hidden = true;
      const result = await send(input).catch((error: unknown) => {
        tell((error as Error).message);
        return undefined;
      });
      button.disabled = false;
      if (!result) return;
      if (!result.ok) {
        const { code, userMessage, details } = result.error;
        tell([`${code}: ${userMessage}`, ...details.map(({ message }) => message)].join(' '));
        return;
      }
      if (input.email !== undefined) sessionStorage.setItem(ADDRESS, input.email);
      await changed();
    }

    function tell(text: string): void {
      problem.textContent = text;
      problem.hidden = false;
      say(text);
    }
    return element;
  }

  function reset(): HTMLElement {
    const holder = make('div');
    const first = form([email(DEMO.customer.email)], 'Send the mail', async (input) => {
      const sent = await shop.sendPasswordResetEmail({ email: input.email ?? '' });
      if (!sent.ok) return sent;
      const { hash } = (await ask('/mail', { email: input.email })) as { hash: string };
      const second = form([password('', 'new-password')], 'Set the password', (typed) =>
        shop.updatePasswordByHash({ hash, password: typed.password ?? '' }),
      );
      const note = make(
        'p',
        { class: 'hint', tabindex: -1 },
        'The mail is here. Its link leads to this form:',
      );
      holder.replaceChildren(note, second);
      note.focus();
      say('The mail is here. Choose a new password.');
      sessionStorage.setItem(ADDRESS, input.email ?? '');
      return undefined;
    });
    holder.append(first);
    return holder;
  }

  const way = (title: string, content: HTMLElement, open = false) =>
    make('details', { class: 'way', name: 'way', open }, make('summary', {}, title), content);

  const forms = () => [
    way('Sign in', form([email(DEMO.customer.email), password(DEMO.customer.password, 'current-password')], 'Sign in', (input) => shop.login(input as { email: string; password: string })), true),
    way('Register', form([...PERSON, email('grace@example.com'), password('nanoseconds', 'new-password')], 'Register', (input) => shop.register({ ...GENDER, ...input } as Parameters<typeof shop.register>[0]))),
    way('Go on as a guest', form([...PERSON, email('guest@example.com')], 'Go on as a guest', (input) => shop.guestLogin({ ...GENDER, ...input } as Parameters<typeof shop.guestLogin>[0]))),
    way('Forgot the password', reset()),
  ]; // prettier-ignore

  async function session(): Promise<Session | undefined> {
    const known = await shop.session();
    return known.ok ? known.value : undefined;
  }

  async function logout(): Promise<void> {
    const out = await (await session())?.logout();
    if (out && !out.ok) say(`${out.error.code}: ${out.error.userMessage}`);
    await changed();
  }

  const address = () => sessionStorage.getItem(ADDRESS) ?? DEMO.customer.email;

  return {
    session,
    address,
    show(signedIn) {
      if (signedIn === shown) return;
      const isChange = shown !== undefined;
      shown = signedIn;
      if (!signedIn) {
        into.replaceChildren(...forms());
        if (isChange) into.querySelector('summary')?.focus();
        return;
      }
      const who = make('p', { tabindex: -1 }, 'Signed in as ', make('b', {}, address()), '.');
      into.replaceChildren(
        who,
        make(
          'div',
          { class: 'row' },
          make('button', { type: 'button', click: () => void logout() }, 'Log out'),
        ),
      );
      if (isChange) who.focus();
    },
  };
}
