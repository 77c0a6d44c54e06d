import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { endProcess } from './processes.js';

const STOP_MS_MAX = 5_000;

/** A helper process that answers one request after the other. */
export class Worker<Request, Answer> {
  readonly #child: ChildProcess;

  /** @param file a module that calls `serveRequests` */
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
        if ('error' in reply) reject(new Error(reply.error));
        else resolve(reply.answer);
      };
      const ended = () => {
        settle();
        reject(new Error('A helper process ended before it answered.'));
      };
      if (!this.#child.connected) return ended();
      this.#child.on('message', answered);
      this.#child.on('exit', ended);
      this.#child.send(request as object);
    });
  }

  stop = (): Promise<void> => endProcess(this.#child, 'SIGTERM', STOP_MS_MAX);
}

type Reply<Answer> = { readonly answer: Answer } | { readonly error: string };

/** In the worker: answers the requests. */
export function serveRequests<Request, Answer>(answer: (request: Request) => Promise<Answer>): void {
  process.on('message', async (request) => {
    let reply: Reply<Answer>;
    try {
      reply = { answer: await answer(request as Request) };
    } catch (error) {
      reply = { error: error instanceof Error ? error.message : String(error) };
    }
    process.send?.(reply);
  });
  // The parent process has ended.
  process.on('disconnect', () => process.exit());
}
