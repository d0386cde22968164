// Processes of their own, asked by messages: a client does not share its CPU time or its heap with another.
import { fork } from 'node:child_process';
import { BUILT } from './build.js';

export interface Worker {
  /** Runs one task there. */
  ask<T>(task: string, input?: unknown): Promise<T>;
  stop(): void;
}

interface Reply {
  readonly value?: unknown;
  readonly error?: string;
}

/** Starts a built worker; it is asked one thing at a time. */
export function startWorker(name: string, flags: readonly string[] = []): Worker {
  const child = fork(`${BUILT}${name}-worker.js`, {
    execArgv: ['--expose-gc', ...flags],
    serialization: 'advanced', // there is no Infinity in JSON
  });
  return {
    ask<T>(task: string, input?: unknown) {
      return new Promise<T>((resolve, reject) => {
        const gone = () => reject(new Error(`${name} ended during ${task}.`));
        child.once('exit', gone);
        child.once('message', ({ value, error }: Reply) => {
          child.off('exit', gone);
          if (error === undefined) resolve(value as T);
          else reject(new Error(`${name}, ${task}: ${error}`));
        });
        child.send({ task, input });
      });
    },
    stop: () => void child.kill(),
  };
}
