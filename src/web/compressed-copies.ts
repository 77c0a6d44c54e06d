import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import type { Plugin } from 'vite';

const brotli = promisify(zlib.brotliCompress);
const gzip = promisify(zlib.gzip);

/** A smaller file fits into one packet anyway. */
const BYTES_MIN = 1_000;
/** For the playground's editor: with maximum quality, its compression would take longer than the rest of the build. */
const LARGE_BYTES = 500_000;

/** Writes a .br and a .gz copy of each text file, so that the server need not compress on request. */
export function compressedCopies(): Plugin {
  return {
    name: 'compressed-copies',
    apply: 'build',
    async writeBundle({ dir }) {
      const assets = path.join(dir as string, 'assets');
      const texts = (await readdir(assets)).filter((name) => /\.(js|css|svg)$/.test(name));
      await Promise.all(
        texts.map(async (name) => {
          const file = path.join(assets, name);
          const content = await readFile(file);
          if (content.length < BYTES_MIN) return;
          const quality = content.length > LARGE_BYTES ? 6 : zlib.constants.BROTLI_MAX_QUALITY;
          const params = { [zlib.constants.BROTLI_PARAM_QUALITY]: quality };
          await writeFile(`${file}.br`, await brotli(content, { params }));
          await writeFile(`${file}.gz`, await gzip(content, { level: zlib.constants.Z_BEST_COMPRESSION }));
        }),
      );
    },
  };
}
