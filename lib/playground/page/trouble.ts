// The panel that orders trouble, and shows what is ordered.
import type { Ordered } from '../protocol.js';
import { TROUBLES, UNORDERABLE } from '../troubles.js';
import { make } from './dom.js';
import { ask } from './server.js';

const TIMES: readonly (readonly [value: string, label: string])[] = [
  ['1', 'the next request'],
  ['3', 'the next 3 requests'],
  ['10', 'the next 10 requests'],
  ['always', 'all, until switched off'],
];

const GROUPS = {
  retry: 'Repeated',
  cooldown: 'Waited for',
  refresh: 'Refreshed',
  accept: 'Taken as done',
  fail: 'Final',
  connection: 'Connection, limit, nonsense',
} as const;

/** @param attempt does what a button is for, and says where that fails */
export function createTrouble(into: HTMLElement, attempt: (what: () => Promise<unknown>) => void) {
  const choice = make('select', { id: 'trouble-id', change: () => fit() }, ...groups());
  const times = make(
    'select',
    { id: 'trouble-times' },
    ...TIMES.map(([value, label]) => make('option', { value }, label)),
  );
  const seconds = make('input', {
    id: 'trouble-seconds',
    type: 'number',
    min: 0,
    max: 60,
    value: 2,
    required: true,
  });
  const wait = make(
    'div',
    { class: 'field' },
    make('label', { for: 'trouble-seconds' }, 'Retry-After, s'),
    seconds,
  );
  const list = make('ul', { class: 'ordered', 'aria-label': 'Ordered trouble' });
  const heal = make('button', { type: 'button', click: () => attempt(() => ask('/heal')) }, 'All off');

  /** Only what says when to come back has a time to choose. */
  function fit(): void {
    wait.hidden = TROUBLES.find(({ id }) => id === choice.value)?.waits !== true;
  }

  into.append(
    make(
      'form',
      {
        submit: (event) => {
          event.preventDefault();
          const often = times.value === 'always' ? 'always' : Number(times.value);
          attempt(() => ask('/trouble', { id: choice.value, times: often, seconds: seconds.valueAsNumber }));
        },
      },
      make('div', { class: 'field' }, make('label', { for: 'trouble-id' }, 'What goes wrong'), choice),
      make('div', { class: 'field' }, make('label', { for: 'trouble-times' }, 'For'), times),
      wait,
      make('div', { class: 'row' }, make('button', { type: 'submit' }, 'Order it'), heal),
    ),
    list,
    make(
      'details',
      { class: 'more' },
      make('summary', {}, `${UNORDERABLE.length} rows that no answer leads to`),
      make('p', { class: 'hint' }, `${UNORDERABLE.join(', ')}: the client’s own doing, or the connection’s.`),
    ),
  );
  fit();

  return (ordered: readonly Ordered[]): void => {
    heal.disabled = ordered.length === 0;
    // A button that has the focus keeps it, as long as it is there.
    const key = JSON.stringify(ordered);
    if (list.dataset.key === key) return;
    const focused =
      document.activeElement instanceof HTMLElement ? document.activeElement.dataset.order : undefined;
    list.dataset.key = key;
    list.replaceChildren(...ordered.map(item));
    if (focused !== undefined) list.querySelector<HTMLElement>(`[data-order="${focused}"]`)?.focus();
  };

  function item({ id, label, left }: Ordered): HTMLElement {
    return make(
      'li',
      {},
      make('span', {}, `${label}, ${left === 'always' ? 'always' : `${left} left`}`),
      make(
        'button',
        {
          type: 'button',
          class: 'quiet',
          'data-order': id,
          'aria-label': `Switch off: ${label}`,
          click: () => attempt(() => ask('/trouble/back', { id })),
        },
        'Off',
      ),
    );
  }
}

function groups(): HTMLElement[] {
  return Object.entries(GROUPS).map(([group, label]) =>
    make(
      'optgroup',
      { label },
      ...TROUBLES.filter((each) => each.group === group).map(({ id, label: text, on }) =>
        make('option', { value: id }, group === 'connection' ? text : `${id}: ${text} (${on})`),
      ),
    ),
  );
}
