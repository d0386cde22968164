// A slice of `npm run fuzz`, the same each time: the corpus and its nearest neighbours, every odd option, and answers,
// requests and records from fixed seeds.
import { readdirSync } from 'node:fs';
import { fuzzAnswers } from './answers.js';
import { fuzzBackend, fuzzRedis } from './backend.js';
import { CHANGES, tryChange } from './configs.js';
import { corpusOf } from './guided.js';
import { mutant, randomOf } from './mutate.js';
import { TARGETS } from './targets.js';
import { expect } from 'chai';

const NEIGHBOURS = 300;

describe('What others may send', function () {
  this.timeout(120_000);

  it('has a corpus for each reader', () => {
    const files = readdirSync(new URL('./corpus/', import.meta.url));
    expect(files.map((file) => file.replace('.json', ''))).to.have.members(Object.keys(TARGETS));
  });

  for (const [name, { run, words }] of Object.entries(TARGETS))
    it(`is read with care, whatever it is: ${name}`, () => {
      const corpus = corpusOf(name);
      const random = randomOf(1);
      const texts = Array.from({ length: NEIGHBOURS }, () => mutant(corpus, words, random));
      for (const text of [...corpus, ...texts])
        try {
          run(text);
        } catch (error) {
          throw new Error(JSON.stringify(text), { cause: error });
        }
    });

  it('as an answer ends in a result, or in an error of the contract that gives nothing away', async () => {
    await fuzzAnswers(1, 250);
  });

  it('as a request to a backend of a shop is answered or refused, and leads nowhere else', async () => {
    await fuzzBackend(1, 400);
  });

  it('as an answer of Redis ends in a result, or in an error of the contract', async () => {
    await fuzzRedis(1, 30);
  });
});

describe('Options with one thing wrong', () => {
  for (const maker of new Set(CHANGES.map((change) => change.maker)))
    it(`are refused by name, or work: ${maker}`, async () => {
      for (const change of CHANGES.filter((each) => each.maker === maker))
        try {
          await tryChange(change);
        } catch (error) {
          throw new Error(JSON.stringify(change), { cause: error });
        }
    });
});
