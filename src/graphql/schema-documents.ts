import { type GraphQLField, type GraphQLSchema, isEnumType, isObjectType } from 'graphql';

/** `<!-- schema: table of Query -->` … `<!-- schema: end -->` */
const PART = /(<!-- schema: (table|list) of (\w+) -->\n)[\s\S]*?(<!-- schema: end -->)/g;

interface Row {
  readonly name: string;
  readonly who: string | undefined;
  readonly description: string;
}

/**
 * Fills the generated parts of a document from the schema's descriptions: the operations of a root type, or the values of
 * an enum.
 */
export const documented = (text: string, schema: GraphQLSchema): string =>
  text.replaceAll(PART, (_all, start: string, form: string, type: string, end: string) => {
    const rows = rowsOf(schema, type);
    return `${start}\n${form === 'list' ? listOf(rows) : tableOf(rows)}\n\n${end}`;
  });

function rowsOf(schema: GraphQLSchema, name: string): readonly Row[] {
  const type = schema.getType(name);
  if (isObjectType(type))
    return Object.values(type.getFields()).map((field) => row(signatureOf(field), field));
  if (isEnumType(type)) return type.getValues().map((value) => row(value.name, value));
  throw new Error(`The schema has no object type or enum ${name}.`);
}

/** Descriptions of operations begin with who may call them: "[viewer] The signed-in user." */
function row(name: string, { description }: { readonly description?: string | null | undefined }): Row {
  const [, who, text = ''] = /^(?:\[(.+?)\] )?([\s\S]*)$/.exec(description ?? '') ?? [];
  return { name, who, description: text.replaceAll('\n', ' ') };
}

function signatureOf({ name, args, type }: GraphQLField<unknown, unknown>): string {
  const list = args.map((arg) => `${arg.name}: ${arg.type}`).join(', ');
  return `${name}${list && `(${list})`}: ${type}`;
}

const listOf = (rows: readonly Row[]): string =>
  rows
    .map(
      ({ name, who, description }) => `- \`${name}\`${who === undefined ? '' : ` (${who})`}: ${description}`,
    )
    .join('\n');

function tableOf(rows: readonly Row[]): string {
  const hasWho = rows.some(({ who }) => who !== undefined);
  const line = (...cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const head = hasWho ? ['operation', 'for', 'what it does'] : ['value', 'meaning'];
  return [
    line(...head),
    line(...head.map(() => '---')),
    ...rows.map(({ name, who = '', description }) => {
      const text = description.replaceAll('|', '\\|');
      return hasWho ? line(`\`${name}\``, who, text) : line(`\`${name}\``, text);
    }),
  ].join('\n');
}
