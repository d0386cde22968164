// decide/session-machine and decide/record: every interleaving of two holders, one store, one server and trouble. The
// search is exhaustive within what a world may spend, and tells what it finds as a list of moves.
import { expect } from 'chai';
import type { Rotation } from '../../lib/decide/rotation.js';
import {
  flawAtRest,
  keyOf,
  movesOf,
  newWorld,
  RULES,
  TERMS,
  type Rules,
  type World,
} from './session-world.js';

interface Found {
  readonly states: number;
  /** What is wrong, and how it came to that, a move a line; `undefined`: nothing is. */
  readonly flaw: string | undefined;
}

interface Node {
  readonly world: World;
  readonly move: string;
  readonly from: Node | undefined;
}

const NO_TROUBLE: World['left'] = { needs: 2, losses: 0, crashes: 0, ends: 0, strangers: 0, pauses: 0 };

/** Breadth first, so that what is found is told in as few moves as there can be. */
function search(trouble: Partial<World['left']>, rotation: Rotation, broken: Partial<Rules> = {}): Found {
  const rule = { ...RULES, ...broken };
  const terms = { ...TERMS, rotation };
  const known = new Set<string>();
  let level: Node[] = [
    { world: newWorld({ ...NO_TROUBLE, ...trouble }, rule), move: 'a login', from: undefined },
  ];
  while (level.length > 0) {
    const next: Node[] = [];
    for (const node of level) {
      const moves = movesOf(node.world, terms, rule);
      const flaw = node.world.broken ?? (moves.length === 0 ? flawAtRest(node.world) : undefined);
      if (flaw) return { states: known.size, flaw: tell(node, flaw) };
      for (const { name, next: world } of moves) {
        const key = keyOf(world);
        if (known.has(key)) continue;
        known.add(key);
        next.push({ world, move: name, from: node });
      }
    }
    level = next;
  }
  return { states: known.size, flaw: undefined };
}

function tell(node: Node, flaw: string): string {
  const moves: string[] = [];
  for (let each: Node | undefined = node; each; each = each.from)
    moves.unshift(`${String(each.world.now).padStart(5)} ms  ${each.move}`);
  return ['', ...moves, flaw].join('\n');
}

const TROUBLES: readonly (readonly [what: string, trouble: Partial<World['left']>])[] = [
  ['three refreshes', { needs: 3 }],
  ['one lost answer', { losses: 1 }],
  ['a crash and one lost answer', { crashes: 1, losses: 1 }],
  ['a pause and one lost answer', { pauses: 1, losses: 1 }],
  ['a logout and a token of somebody else', { ends: 1, strangers: 1 }],
  ['a logout and one lost answer', { ends: 1, losses: 1 }],
  ['a logout and a crash', { ends: 1, crashes: 1 }],
];

describe('Two holders of one session', function () {
  this.timeout(60_000); // they try everything
  for (const rotation of ['single-use', 'strict'] as const)
    for (const [what, trouble] of TROUBLES)
      it(`keep every invariant with a ${rotation} server through ${what}`, () => {
        const { states, flaw } = search(trouble, rotation);
        if (flaw !== undefined) throw new Error(flaw);
        expect(states, 'that many were looked at').to.be.above(1_000);
      });
});

/** Rules with one guard taken away, and what the search must find then. */
const FLAWS: readonly (readonly [
  guard: string,
  flaw: RegExp,
  trouble: Partial<World['left']>,
  broken: Partial<Rules>,
])[] = [
  [
    'an intent is respected until its deadline',
    /I[12]: /,
    {},
    {
      claimed: (record, terms, now) => RULES.claimed(record && { ...record, intent: undefined }, terms, now),
    },
  ],
  [
    'tokens are saved under the version that they replace',
    /I[389]: |I22/,
    { ends: 1 },
    {
      committed: (record, at, grant, now) =>
        RULES.committed(record && { ...record, ...at, end: undefined }, at, grant, now),
    },
  ],
  [
    'a verdict ends only the tokens that it is about',
    /I8: a session is ended whose refresh token is good/,
    { pauses: 1 },
    { ended: (record, { gen }, end) => RULES.ended(record, { gen }, end) },
  ],
  [
    'an unclear attempt stays known',
    /I2: used token 1 is presented though there is something to lose/,
    { losses: 1 },
    {
      cooled: (record, fence, forMs, _doubtful, now) => RULES.cooled(record, fence, forMs, false, now),
      step: (state, event, terms, now) => {
        const [next, effects] = RULES.step(state, event, terms, now);
        return [{ ...next, doubt: undefined }, effects];
      },
    },
  ],
  [
    'callers wait until the tokens are saved',
    /I10: callers get tokens that are not saved/,
    {},
    {
      step: (state, event, terms, now) => {
        const [next, effects] = RULES.step(state, event, terms, now);
        if (event.is !== 'granted' || !next.flight) return [next, effects];
        const held = { ...next.held, ver: next.held.ver + 1, grant: event.grant };
        return [
          { ...next, held },
          [...effects, { do: 'release', outcome: { ok: true, renewed: event.renewed } }],
        ];
      },
    },
  ],
  [
    'tokens that arrive after the end are revoked',
    /I9: tokens stay valid after the logout/,
    { ends: 1 },
    {
      step: (state, event, terms, now) => {
        const [next, effects] = RULES.step(state, event, terms, now);
        return [next, effects.filter((effect) => effect.do !== 'revoke')];
      },
    },
  ],
  [
    'of all who see the end one tells of it',
    /I7: the end was told 0 times/,
    { losses: 1 },
    {
      step: (state, event, terms, now) => {
        const by = event.is === 'seen' && 'end' in event.seen ? { ...event.seen.end, by: -1 } : undefined;
        const blind = by && event.is === 'seen' ? { ...event, seen: { ...event.seen, end: by } } : event;
        return RULES.step(state, blind, terms, now);
      },
    },
  ],
];

describe('The search of two holders finds what happens unless', () => {
  for (const [guard, expected, trouble, broken] of FLAWS)
    it(guard, () => {
      const { flaw = '' } = search(trouble, trouble.pauses ? 'single-use' : 'strict', broken);
      expect(flaw).to.match(expected);
      expect(flaw, 'with the moves that lead there').to.match(
        /^ *\d+ ms {2}a login\n( *\d+ ms {2}.+\n)+I\d+: /m,
      );
    });
});
