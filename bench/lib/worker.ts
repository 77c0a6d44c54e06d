import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { stopProcess } from './processes.js';

/** A helping process that is asked one thing after the other. */
export class Worker<Request, Answer> {
  readonly #child: ChildProcess;

  /** @param file of a module that calls `serveRequests` */
  constructor(file: URL, env: Readonly<Record<string, string>> = {}) {
    this.#child = fork(fileURLToPath(file), { env: { ...process.env, ...env } });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** @throws what the worker threw, or that it ended */
  ask(request: Request): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        this.#child.off('message', answered);
        this.#child.off('exit', ended);
      };
      const answered = (message: unknown) => {
        settle();
        const reply = message as Reply<Answer>;
        if ('fault' in reply) reject(new Error(reply.fault));
        else resolve(reply.answer);
      };
      const ended = () => {
        settle();
        reject(new Error('A helping process ended before it answered.'));
      };
      if (!this.#child.connected) return ended();
      this.#child.on('message', answered);
      this.#child.on('exit', ended);
      this.#child.send(request as object);
    });
  }

  stop = (): Promise<void> => stopProcess(this.#child);
}

type Reply<Answer> = { readonly answer: Answer } | { readonly fault: string };

/** Within a worker: answers every request, one at a time. */
export function serveRequests<Request, Answer>(answer: (request: Request) => Promise<Answer>): void {
  process.on('message', async (request) => {
    let reply: Reply<Answer>;
    try {
      reply = { answer: await answer(request as Request) };
    } catch (error) {
      reply = { fault: error instanceof Error ? error.message : String(error) };
    }
    process.send?.(reply);
  });
  // Whoever asks has gone, in whatever way.
  process.on('disconnect', () => process.exit());
}
