import type { DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import { DOCUMENTS_MAX } from '../limits/operation-limits.js';

/** Valid documents, as Apollo Server keeps them. */
export class DocumentStore {
  readonly #texts = new Set<string>();
  readonly #documents = new LRUCache<string, DocumentNode>({
    max: DOCUMENTS_MAX,
    dispose: (document) => this.#texts.delete(textOf(document)),
  });

  /** Whether this text was parsed and is valid. */
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
