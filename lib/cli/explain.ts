// The command `holdfast explain`: what an answer of the API means, and what the client makes of it.
import { FAILURES } from '../contract/failures.js';
import { rowsAbout, told } from '../contract/words.js';
import { UsageError, type Command } from './command.js';

const HELP = `Usage: holdfast explain [what]

Tells what an answer means, what the client does about it and what the customer reads.

  what                     a status (406), an error key (invalid_request), a code (USER_NOT_FOUND) or the id of a
                           row; without it: every row in a line
  -h, --help               this text`;

export const explainCommand: Command = {
  flags: {},
  help: HELP,
  takes: 'one status, key, code or row',
  start({ word }) {
    if (word === undefined) return { says: FAILURES.map(lineOf).join('\n') };
    const rows = rowsAbout(word);
    if (rows.length === 0)
      throw new UsageError(
        `the contract has no status, key, code or row "${word}"; explain alone lists what it has`,
      );
    const many =
      rows.length > 1 ? [`${rows.length} rows may explain ${word}; the first that fits decides.`] : [];
    return { says: [...many, ...rows.map(told)].join('\n\n') };
  },
};

const lineOf = ({ id, code, reaction }: (typeof FAILURES)[number]) =>
  `${id.padEnd(28)}${code.padEnd(28)}${reaction}`;
