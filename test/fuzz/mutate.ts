// Texts made of other texts, by a seed: what a fuzzer tries next. The words are those that parsers look for.

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

// prettier-ignore
const WORDS = [
  '', ' ', '\t', '\0', '\x7f', '\n', '"', '\\', '\\"', '{', '}', '[', ']', ',', ':', ';', '=', '.', '-', '+', '/', '%', '%2e', '%25',
  '0', '1', '9', '-1', '1.5', '1e309', '-1e309', '1e-7', '2147483647', '2147483648', '9007199254740993', '99999999999999999999',
  'null', 'true', 'NaN', 'Infinity', '__proto__', 'constructor', 'toString', 'toJSON', '"__proto__":{}', '"toString":1', '"length":1e9',
  'é', '\u2028', '\ud800', '😀', '\ufeff', 'GMT', 'Sun, 06 Nov 1994 08:49:37 GMT', 'Basic realm="x"', 'Bearer', 'r=0;t=30', ';r=0', ';t=9',
] as const;

/** Longer inputs say little more, and take longer. */
const LONGEST = 4_096;

/** A neighbour of one of the texts. */
export function mutant(corpus: readonly string[], words: readonly string[], random: () => number): string {
  const below = (limit: number) => Math.floor(random() * limit);
  const among = <T>(all: readonly T[]) => all[below(all.length)] as T;
  let text = among(corpus);
  for (let steps = 1 + below(4); steps > 0; steps -= 1) {
    const at = below(text.length + 1);
    const until = Math.min(text.length, at + 1 + below(8));
    const word = among(below(2) === 0 && words.length > 0 ? words : WORDS);
    const other = among(corpus);
    text = [
      () => text.slice(0, at) + word + text.slice(at), // put in
      () => text.slice(0, at) + word + text.slice(until), // put in the place of something
      () => text.slice(0, at) + text.slice(until), // taken away
      () => text.slice(0, at) + text.slice(at, until).repeat(1 + below(9)) + text.slice(until),
      () => text.slice(0, at) + other.slice(below(other.length + 1)), // the beginning of one, the end of another
      () =>
        text.slice(0, at) + String.fromCharCode(below(below(4) === 0 ? 65_536 : 128)) + text.slice(at + 1),
      () => text.replace(/-?\d+(?:\.\d+)?/, among(WORDS)),
    ][below(7)]!().slice(0, LONGEST);
  }
  return text;
}
