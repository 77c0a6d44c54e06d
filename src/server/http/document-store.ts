import type { DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';

/** Documents that have been read and are good, as Apollo Server keeps them: maps send the same one thousands of times. */
export const DOCUMENTS_MAX = 500;

export class DocumentStore {
  readonly #texts = new Set<string>();
  readonly #documents = new LRUCache<string, DocumentNode>({
    max: DOCUMENTS_MAX,
    dispose: (document) => this.#texts.delete(textOf(document)),
  });

  /** Whether it need not be read again. */
  hasText(text: string): boolean {
    return this.#texts.has(text);
  }

  async get(key: string): Promise<DocumentNode | undefined> {
    return this.#documents.get(key);
  }

  async set(key: string, document: DocumentNode): Promise<void> {
    this.#documents.set(key, document);
    this.#texts.add(textOf(document));
  }

  async delete(key: string): Promise<boolean> {
    return this.#documents.delete(key);
  }
}

const textOf = ({ loc }: DocumentNode): string => loc?.source.body ?? '';
