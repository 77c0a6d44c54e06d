/** A document that is to be read, or has been. */
export interface Reading {
  readonly wasRead: boolean;
  /** It is known what became of it; told as often as one likes. */
  over(): void;
}

const READ_BEFORE: Reading = { wasRead: true, over: () => undefined };

/**
 * To read a document costs more than most answers do. Whoever sends one that nobody has sent pays for it; whoever comes
 * with the same one meanwhile from the same address waits for what it turns out to be, and pays for reading it only where it
 * is good for nothing. Another address has its own turn: it waits behind nothing that the first one asked for before.
 */
export class FirstReads {
  readonly #underWay = new Map<string, Promise<void>>();

  /** @param isKnown whether a text has been read, and is good */
  constructor(private readonly isKnown: (text: string) => boolean) {}

  async begin(text: string, address: string): Promise<Reading> {
    const key = `${address} ${text}`;
    const underWay = this.#underWay.get(key);
    if (underWay !== undefined) await underWay;
    if (this.isKnown(text)) return READ_BEFORE;
    let over: () => void = () => undefined;
    const reading = new Promise<void>((resolve) => {
      over = resolve;
    }).then(() => {
      if (this.#underWay.get(key) === reading) this.#underWay.delete(key);
    });
    // Of those who waited in vain each reads it by itself: none waits for another one again.
    if (!this.#underWay.has(key)) this.#underWay.set(key, reading);
    return { wasRead: false, over };
  }
}
