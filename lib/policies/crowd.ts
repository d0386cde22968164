// Many at once, in no order. A Set would do, but each table that it outgrows as members come and go is garbage that
// keeps its members alive until the next full collection: a third of what a call cost.

/** Knows where it sits, so that nobody has to search for it. */
export interface Member {
  seat: number;
}

export interface Crowd<M extends Member> {
  readonly size: number;
  add(member: M): void;
  /** Whoever has left already may leave again. */
  remove(member: M): void;
  /** Those who are there now: they may leave while one looks at them. */
  all(): M[];
}

/** Where somebody sits who is not there. */
export const NOWHERE = -1;

export function createCrowd<M extends Member>(): Crowd<M> {
  const members: M[] = [];
  return {
    get size() {
      return members.length;
    },
    add(member) {
      member.seat = members.push(member) - 1;
    },
    remove(member) {
      const { seat } = member;
      if (seat === NOWHERE) return;
      member.seat = NOWHERE;
      const last = members.pop();
      if (last === undefined || last === member) return;
      members[seat] = last;
      last.seat = seat;
    },
    all: () => [...members],
  };
}
