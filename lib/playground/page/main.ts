// The page of the playground: wires the panels, the feed of events and the drawing together.
import { createBrowserClient } from '../../browser/index.js';
import type { Seen } from '../protocol.js';
import { SCENES } from '../scenes.js';
import { createBursts } from './bursts.js';
import { createCustomer } from './customer.js';
import { byId, make, write } from './dom.js';
import { sentenceOf } from './figures.js';
import { ask, listen, whoAmI } from './server.js';
import { createState } from './state.js';
import { act, EMPTY, hear, type View } from './timeline.js';
import { createTrouble } from './trouble.js';
import { DOINGS } from './words.js';

/** Between two drawings, ms. */
const BEAT = 50;

const shop = createBrowserClient({ baseURL: `${location.origin}/bff` });
const drawState = createState(byId('state'));
const drawBursts = createBursts(byId('bursts'));
const drawTrouble = createTrouble(byId('trouble'), attempt);
const customer = createCustomer({ into: byId('customer'), shop, say, changed: meet });
let view: View = EMPTY;
let seen: Seen | undefined;
/** The last burst that was told in words. */
let told = 0;
let isPlanned = false;
/** Whether somebody is signed in; absent while that is not known. */
let isHere: boolean | undefined;
/** Why nobody is, where that was an end; what is told of the calls that met it goes beside. */
let over: string | undefined;

function say(text: string): void {
  write(byId('said'), text);
}

function attempt(what: () => Promise<unknown>): void {
  what().catch((error: unknown) => say((error as Error).message));
}

/** Asks who is signed in, and shows the panels for them. */
async function meet(): Promise<void> {
  const known = await whoAmI();
  view = { ...view, session: known ? { ...known, status: 'live' } : undefined };
  customer.show(known !== null);
  for (const button of document.querySelectorAll<HTMLButtonElement>('[data-needs-session]'))
    button.disabled = known === null;
  byId('needs-session').hidden = known !== null;
  if (known && isHere === false) say('Signed in.');
  isHere = known !== null;
  if (isHere) over = undefined;
  plan();
}

function plan(): void {
  if (isPlanned) return;
  isPlanned = true;
  setTimeout(() => requestAnimationFrame(draw), BEAT);
}

function draw(): void {
  isPlanned = false;
  const now = Date.now();
  drawState(view, seen, now);
  drawTrouble(seen?.trouble ?? []);
  drawBursts(view.bursts, now);
  byId('empty').hidden = view.bursts.length > 0;
  const [newest] = view.bursts;
  const isAlive = newest?.lanes.some(({ end }) => !end) ?? false;
  if (
    newest &&
    !isAlive &&
    newest.id !== told &&
    newest.lanes.some(({ operation }) => operation === 'request')
  ) {
    told = newest.id;
    say([over, sentenceOf(newest)].filter(Boolean).join(' '));
  }
  if (isAlive || Object.values(view.opensAt).some((at) => at > now)) plan();
}

const withSession = (label: string, action: () => Promise<unknown>) =>
  make(
    'button',
    { type: 'button', 'data-needs-session': true, disabled: true, click: () => attempt(action) },
    label,
  );

/** For calls. Where the timeline is below the controls, it is the place to look at. */
const playing = (label: string, action: () => Promise<unknown>) =>
  withSession(label, async () => {
    const { top, bottom } = byId('timeline').getBoundingClientRect();
    if (top > innerHeight / 2 || bottom < 0) byId('timeline').scrollIntoView();
    await action();
  });

byId('scenes').append(
  ...SCENES.map(({ id, title, says }) =>
    make(
      'li',
      {},
      playing(title, () => ask('/scene', { id, email: customer.address() })),
      make('p', { class: 'hint' }, says),
    ),
  ),
);
byId('steps').append(
  playing('1 call', async () => (await customer.session())?.http.get('/orders')),
  playing('50 calls', () => ask('/calls', { count: 50 })),
  withSession('Expire the token', async () => {
    await ask('/expire');
    say('Every access token of this moment is expired.');
  }),
  withSession('Revoke the session', async () => {
    await ask('/revoke', { email: customer.address() });
    say('The session is revoked: the next call will find out.');
  }),
);
byId('legend').append(
  ...Object.entries(DOINGS).map(([is, label]) =>
    make(
      'li',
      {},
      make('span', { class: 'bar', 'aria-hidden': 'true' }, make('span', { class: `is-${is}` })),
      label,
    ),
  ),
  make(
    'li',
    {},
    make('span', { class: 'bar', 'aria-hidden': 'true' }, make('span', { class: 'is-sent failed' })),
    'failed attempt',
  ),
);
byId('clear').addEventListener('click', () => {
  view = { ...view, bursts: [] };
  plan();
});
addEventListener('resize', plan);
byId('bursts').addEventListener('toggle', plan, true); // it does not bubble

void listen(
  (message) => {
    if (message.is === 'seen') seen = message;
    else if (message.is === 'act') view = act(view, message.title);
    else {
      view = hear(view, message);
      if (message.name === 'sessionEnded' && view.session?.status === 'ended') ended(message.event.because);
    }
    plan();
  },
  (isThere) => {
    document.body.dataset.connected = String(isThere);
    if (!isThere) say('The playground’s server is away.');
    else attempt(meet);
  },
);

/** Signed out, here or elsewhere: the forms come back. */
function ended(because: string): void {
  attempt(async () => {
    await meet();
    over = `The session is over. ${because}`;
    say(over);
  });
}
