/** A document that is being parsed, or was parsed before. */
export interface Parse {
  readonly wasKnown: boolean;
  /** To be called once the document is parsed or refused. Further calls have no effect. */
  done(): void;
}

const ALREADY_PARSED: Parse = { wasKnown: true, done: () => undefined };

/**
 * Parsing a document costs more than most answers, so an anonymous read of an unknown document counts as a call. If the
 * same document arrives from the same address meanwhile, it waits for the first one, and counts as a call only if that
 * was invalid. Another address does not wait, because the first one may be queued behind other documents of its
 * address.
 */
export class FirstParses {
  readonly #inProgress = new Map<string, Promise<void>>();

  /** @param isKnown whether a text was parsed and is valid */
  constructor(private readonly isKnown: (text: string) => boolean) {}

  async begin(text: string, address: string): Promise<Parse> {
    const key = `${address} ${text}`;
    const inProgress = this.#inProgress.get(key);
    if (inProgress !== undefined) await inProgress;
    if (this.isKnown(text)) return ALREADY_PARSED;
    let done: () => void = () => undefined;
    const parsing = new Promise<void>((resolve) => {
      done = resolve;
    }).then(() => {
      if (this.#inProgress.get(key) === parsing) this.#inProgress.delete(key);
    });
    // Calls that waited for an invalid document are not queued again: each parses the document itself.
    if (!this.#inProgress.has(key)) this.#inProgress.set(key, parsing);
    return { wasKnown: false, done };
  }
}
