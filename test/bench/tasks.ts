// The inside of a worker: answers each message with what its task returns.
type Tasks = Readonly<Record<string, (input: never) => unknown>>;

interface Question {
  readonly task: string;
  readonly input: unknown;
}

export function serveTasks(tasks: Tasks): void {
  process.on('disconnect', () => process.exit()); // nobody asks any more
  process.on('message', ({ task, input }: Question) => {
    void answer(tasks[task] as (input: unknown) => unknown, input);
  });
}

async function answer(task: (input: unknown) => unknown, input: unknown): Promise<void> {
  try {
    process.send?.({ value: await task(input) });
  } catch (error) {
    process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

/** Collects garbage, so that a round does not pay for the one before it. */
export function collectGarbage(): void {
  (globalThis as { gc?: () => void }).gc?.();
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
