import {
  buildSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSpecifiedDirective,
  isSpecifiedScalarType,
  printSchema,
} from 'graphql';
import { beforeAll, expect, test } from 'vitest';
import { createSchema } from './schema.js';

interface Described {
  readonly description?: string | null | undefined;
}

/** Every part of the schema that its documentation shows, by its coordinate. */
const parts = new Map<string, Described>();

beforeAll(async () => {
  // The printed schema is what a reader sees.
  const schema = buildSchema(printSchema(await createSchema([])));
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__') || isSpecifiedScalarType(type)) continue;
    parts.set(type.name, type);
    if (isEnumType(type)) {
      for (const value of type.getValues()) parts.set(`${type.name}.${value.name}`, value);
    }
    if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) parts.set(`${type.name}.${field.name}`, field);
    }
    if (isObjectType(type) || isInterfaceType(type)) {
      for (const field of Object.values(type.getFields())) {
        parts.set(`${type.name}.${field.name}`, field);
        for (const arg of field.args) parts.set(`${type.name}.${field.name}(${arg.name}:)`, arg);
      }
    }
  }
  for (const directive of schema.getDirectives()) {
    if (!isSpecifiedDirective(directive)) parts.set(`@${directive.name}`, directive);
  }
});

const namesOf = (matches: (description: string) => boolean): string[] =>
  [...parts].flatMap(([name, { description }]) => (matches(description ?? '') ? [name] : []));

test('every type, field, argument, input field and enum value has a description', () => {
  expect([...parts.keys()]).toEqual(
    expect.arrayContaining(['Query', 'Event.bookings(first:)', 'MoneyInput.amount', 'SeatStatus.LOCKED']),
  );
  expect(namesOf((description) => description.trim() === '')).toEqual([]);
});

test('a description is one or more whole sentences', () => {
  expect(namesOf((description) => !/^[A-Z0-9[`'"][\s\S]*\.$/.test(description))).toEqual([]);
});
