/** What the bench asks one of its children over the IPC channel. */
export interface Question {
  id: number;
  question: string;
  argument?: unknown;
}

/** What comes back. */
export interface Answer {
  id: number;
  value?: unknown;
  error?: string;
}

type Handler = (argument: never) => unknown;

/** In a child: answers the bench's questions, and ends when the bench has gone. */
export function answerParent(handlers: Readonly<Record<string, Handler>>): void {
  process.on('message', ({ id, question, argument }: Question) => {
    const handler = handlers[question];
    if (handler === undefined) return;
    void (async () => handler(argument as never))().then(
      (value) => process.send?.({ id, value } satisfies Answer),
      (error: unknown) => process.send?.({ id, error: String(error) } satisfies Answer),
    );
  });
  // A preloaded probe may have taken it off.
  process.channel?.ref();
  process.on('disconnect', () => process.exit());
}
