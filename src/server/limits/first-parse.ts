/** A document that is to be read, or has been. */
export interface Parse {
  readonly wasKnown: boolean;
  /** It is known what became of it; told as often as one likes. */
  done(): void;
}

const ALREADY_PARSED: Parse = { wasKnown: true, done: () => undefined };

/**
 * To read a document costs more than most answers do. Whoever sends one that nobody has sent pays for it; whoever comes
 * with the same one meanwhile from the same address waits for what it turns out to be, and pays for reading it only where it
 * is good for nothing. Another address has its own turn: it waits behind nothing that the first one asked for before.
 */
export class FirstParses {
  readonly #inProgress = new Map<string, Promise<void>>();

  /** @param isKnown whether a text has been read, and is good */
  constructor(private readonly isKnown: (text: string) => boolean) {}

  async begin(text: string, address: string): Promise<Parse> {
    const key = `${address} ${text}`;
    const inProgress = this.#inProgress.get(key);
    if (inProgress !== undefined) await inProgress;
    if (this.isKnown(text)) return ALREADY_PARSED;
    let done: () => void = () => undefined;
    const reading = new Promise<void>((resolve) => {
      done = resolve;
    }).then(() => {
      if (this.#inProgress.get(key) === reading) this.#inProgress.delete(key);
    });
    // Of those who waited in vain each reads it by itself: none waits for another one again.
    if (!this.#inProgress.has(key)) this.#inProgress.set(key, reading);
    return { wasKnown: false, done };
  }
}
