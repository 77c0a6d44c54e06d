import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

// TypeScript leaves the imports of style sheets in the declarations, and then misses declarations of the style sheets.
const folder = path.join(import.meta.dirname, 'dist/types');
for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
  if (!name.endsWith('.d.ts')) continue;
  const file = path.join(folder, name);
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^import '.*\.css';\n/gm, ''));
}
