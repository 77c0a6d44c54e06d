/** A document that is to be read, or has been. */
export interface Reading {
  readonly wasRead: boolean;
  /** It is known what became of it; told as often as one likes. */
  over(): void;
}

const READ_BEFORE: Reading = { wasRead: true, over: () => undefined };

/**
 * To read a document costs more than most answers do. Whoever sends one that nobody has sent pays for it; whoever comes
 * with the same one meanwhile waits for what it turns out to be, and pays for reading it only where it is good for nothing.
 */
export class FirstReads {
  readonly #underWay = new Map<string, Promise<void>>();

  /** @param isKnown whether a text has been read, and is good */
  constructor(private readonly isKnown: (text: string) => boolean) {}

  async begin(text: string): Promise<Reading> {
    const underWay = this.#underWay.get(text);
    if (underWay !== undefined) await underWay;
    if (this.isKnown(text)) return READ_BEFORE;
    let over: () => void = () => undefined;
    const reading = new Promise<void>((resolve) => {
      over = resolve;
    }).then(() => {
      if (this.#underWay.get(text) === reading) this.#underWay.delete(text);
    });
    // Of those who waited in vain each reads it by itself: none waits for another one again.
    if (!this.#underWay.has(text)) this.#underWay.set(text, reading);
    return { wasRead: false, over };
  }
}
