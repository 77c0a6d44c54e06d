import { readFile, writeFile } from 'node:fs/promises';
import { printSchema } from 'graphql';
import { createSchema } from './schema.js';
import { documented } from './schema-documents.js';

/**
 * `node print-schema.js FILE DOCUMENT…`: writes the API's schema as text, and the parts of documents that are generated from
 * it. No resolver runs, so none is created.
 */
const [file, ...documents] = process.argv.slice(2);
if (file === undefined) throw new Error('Name the file to write the schema to.');
const schema = await createSchema([]);
await writeFile(file, `${printSchema(schema)}\n`);
for (const document of documents)
  await writeFile(document, documented(await readFile(document, 'utf8'), schema));
