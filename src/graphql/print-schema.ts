import { writeFile } from 'node:fs/promises';
import { printSchema } from 'graphql';
import { createSchema } from './schema.js';

/** `node print-schema.js FILE`: writes the API's schema as text. No resolver runs, so none is created. */
const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('Name the file to write the schema to.');
await writeFile(file, `${printSchema(await createSchema([]))}\n`);
