// What was told of each call that is not over: its attempts with their ends, and what happened between them.
import type { Attributes } from '@opentelemetry/api';
import type { EventMap } from '../index.js';

type Reason = EventMap['queued']['reason'];

/** One attempt that is over. */
export interface Attempt {
  readonly number: number;
  /** Wall clock, ms since 1970. */
  readonly from: number;
  readonly to: number;
  /** Of the answer, if there was one. */
  readonly status: number | undefined;
  /** Absent where it succeeded. */
  readonly failure: { readonly code: string; readonly row?: string; readonly reaction?: string } | undefined;
}

/** Something that happened to a call outside its attempts. */
export interface Note {
  readonly name: string;
  readonly at: number;
  readonly attributes: Attributes;
}

/** A call as it was told. */
export interface Story {
  readonly attempts: readonly Attempt[];
  readonly notes: readonly Note[];
}

interface Draft {
  readonly attempts: Attempt[];
  readonly notes: Note[];
  underWay?: Pick<Attempt, 'number' | 'from'> | undefined;
  waitsFor?: Reason | undefined;
}

/** Hears what can only be said once more than one event is known. */
export interface Hearer {
  /** A call begins to wait (1), or does not wait any more (-1). */
  waits(reason: Reason, by: 1 | -1): void;
  attempted(attempt: Attempt, event: EventMap['failure' | 'settled']): void;
}

export function createStories(hearer: Hearer) {
  const drafts = new Map<number, Draft>();

  function draftOf({ call }: { readonly call: number }): Draft {
    let draft = drafts.get(call);
    if (!draft) drafts.set(call, (draft = { attempts: [], notes: [] }));
    return draft;
  }

  function goesOn(draft: Draft): void {
    if (draft.waitsFor) hearer.waits(draft.waitsFor, -1);
    draft.waitsFor = undefined;
  }

  function ended(draft: Draft, event: EventMap['failure' | 'settled'], failure: Attempt['failure']): void {
    if (!draft.underWay) return;
    const attempt = { ...draft.underWay, to: event.at, status: event.status, failure };
    draft.underWay = undefined;
    draft.attempts.push(attempt);
    hearer.attempted(attempt, event);
  }

  return {
    attempt(event: EventMap['attempt']): void {
      const draft = draftOf(event);
      goesOn(draft);
      draft.underWay = { number: event.attempt, from: event.at };
    },

    failure(event: EventMap['failure']): void {
      ended(draftOf(event), event, event);
    },

    queued(event: EventMap['queued']): void {
      const draft = draftOf(event);
      const { at, reason, depth } = event;
      draft.notes.push({
        name: 'queued',
        at,
        attributes: { 'holdfast.reason': reason, 'holdfast.depth': depth },
      });
      goesOn(draft); // it may wait for something else now
      draft.waitsFor = reason;
      hearer.waits(reason, 1);
    },

    note(event: EventMap['retry' | 'cooldown' | 'breaker'], name: string, attributes: Attributes): void {
      draftOf(event).notes.push({ name, at: event.at, attributes });
    },

    /** The whole story; nothing is kept of it. */
    settled(event: EventMap['settled']): Story {
      const draft = draftOf(event);
      drafts.delete(event.call);
      goesOn(draft);
      // No failure was told of an attempt that succeeded, nor of one that was ended under way.
      ended(draft, event, event.ok ? undefined : { code: event.code ?? 'unknown' });
      return draft;
    },

    /** Nobody listens any more: who waits is not counted any longer. */
    forget(): void {
      for (const draft of drafts.values()) goesOn(draft);
      drafts.clear();
    },
  };
}
