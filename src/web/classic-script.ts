import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Plugin } from 'vite';

/**
 * Adds a script that is not a module to the build, and to the page before its modules. Vite bundles only modules, and the content
 * security policy forbids inline scripts.
 *
 * @param page the HTML file that loads it @param script the script's file
 */
export function classicScript(page: string, script: string): Plugin {
  const name = path.basename(script);
  return {
    name: 'classic-script',
    apply: 'build',
    async buildStart() {
      this.emitFile({ type: 'asset', name, source: await readFile(script, 'utf8') });
    },
    transformIndexHtml: {
      order: 'post',
      handler(_html, { filename, bundle }) {
        if (filename !== page) return [];
        const file = Object.values(bundle ?? {}).find(
          (output) => output.type === 'asset' && output.names.includes(name),
        );
        if (file === undefined) throw new Error(`${name} is not in the build`);
        // Deferred scripts and modules run in the order of their tags.
        return [
          { tag: 'script', attrs: { defer: true, src: `/${file.fileName}` }, injectTo: 'head-prepend' },
        ];
      },
    },
  };
}
