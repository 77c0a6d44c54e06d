import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isScalarType,
} from 'graphql';
import { createSchema } from '../../graphql/schema.js';

/** An argument of the schema, with an operation whose only variable, `$value`, is the argument's value. */
export interface InputPlace {
  /** `Query.event(id)` */
  readonly name: string;
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly query: string;
  readonly type: GraphQLInputType;
}

/** Every argument of every reachable field, each once. */
export async function inputPlaces(): Promise<InputPlace[]> {
  const schema = await createSchema([]);
  const places: InputPlace[] = [];
  const seen = new Set<string>();
  const queue = (['query', 'mutation', 'subscription'] as const).map((kind) => ({
    kind,
    type: schema.getRootType(kind as never),
    within: (selection: string) => selection,
  }));
  for (const { kind, type, within } of queue) {
    if (!isObjectType(type) || seen.has(type.name)) continue;
    seen.add(type.name);
    for (const field of Object.values(type.getFields())) {
      for (const argument of field.args) {
        places.push({
          name: `${type.name}.${field.name}(${argument.name})`,
          kind,
          query: `${kind} ($value: ${argument.type}) { ${within(selectionOf(field, argument))} }`,
          type: argument.type,
        });
      }
      queue.push({
        kind,
        type: getNamedType(field.type) as never,
        within: (inner) => within(`${field.name}${argumentsOf(field)} { ${inner} }`),
      });
    }
  }
  return places;
}

function selectionOf(field: GraphQLField<unknown, unknown>, argument: GraphQLArgument): string {
  const inner = isLeafType(getNamedType(field.type)) ? '' : ' { __typename }';
  return `${field.name}${argumentsOf(field, argument)}${inner}`;
}

/** The required arguments with valid values; `$value` for the given argument. */
function argumentsOf(field: GraphQLField<unknown, unknown>, asked?: GraphQLArgument): string {
  const given = field.args
    .filter((argument) => argument === asked || isRequiredArgument(argument))
    .map(({ name, type }) => `${name}: ${name === asked?.name ? '$value' : literalOf(type)}`);
  return given.length === 0 ? '' : `(${given.join(', ')})`;
}

export interface Poisoned {
  readonly value: unknown;
  /** The path in the value as an error names it; empty for the value itself. */
  readonly field: string;
  /** `CredentialsInput.email` for a field of an input object, else empty. */
  readonly input: string;
}

/** Values of the type with `put` in one text each: one value for every place of a text. */
export function poisoned(type: GraphQLInputType, put: unknown): Poisoned[] {
  if (isNonNullType(type)) return poisoned(type.ofType, put);
  if (isListType(type)) {
    return poisoned(type.ofType, put).map(({ value, field, input }) => ({
      value: [value],
      field: ['[0]', field].filter(Boolean).join('.'),
      input,
    }));
  }
  if (isInputObjectType(type)) {
    return Object.values(type.getFields()).flatMap(({ name, type: of }) =>
      poisoned(of, put).map(({ value, field, input }) => ({
        value: { ...soundInput(type), [name]: value },
        field: field === '' || field.startsWith('[') ? `${name}${field}` : `${name}.${field}`,
        input: input || `${type.name}.${name}`,
      })),
    );
  }
  return isText(type) ? [{ value: put, field: '', input: '' }] : [];
}

const NUMBERS: ReadonlySet<string> = new Set(['Int', 'Float', 'SafeInt', 'Boolean']);

/** A scalar that clients send as a JSON string. */
const isText = (type: GraphQLInputType): boolean => isScalarType(type) && !NUMBERS.has(type.name);

/** An input object with only its required fields, each with a valid value. */
export function soundInput(type: GraphQLInputType): Record<string, unknown> {
  const named = getNamedType(type);
  if (!isInputObjectType(named)) return {};
  const entries = Object.values(named.getFields()).filter(({ type: of }) => isNonNullType(of));
  return Object.fromEntries(entries.map(({ name, type: of }) => [name, soundValue(of)]));
}

function soundValue(type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return soundValue(type.ofType);
  if (isListType(type)) return [soundValue(type.ofType)];
  if (isInputObjectType(type)) return soundInput(type);
  if (isEnumType(type)) return type.getValues()[0]?.name;
  if (type.name === 'Boolean') return true;
  if (NUMBERS.has(type.name)) return 1;
  return type.name === 'DateTimeISO' ? '2027-01-01T20:00:00Z' : 'x';
}

/** A valid value in GraphQL syntax. */
function literalOf(type: GraphQLInputType): string {
  if (isNonNullType(type)) return literalOf(type.ofType);
  if (isListType(type)) return `[${literalOf(type.ofType)}]`;
  if (isInputObjectType(type)) {
    const required = Object.values(type.getFields()).filter(({ type: of }) => isNonNullType(of));
    return `{ ${required.map(({ name, type: of }) => `${name}: ${literalOf(of)}`).join(', ')} }`;
  }
  return isEnumType(type) ? String(soundValue(type)) : JSON.stringify(soundValue(type));
}
