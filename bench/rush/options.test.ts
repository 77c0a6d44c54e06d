import { expect, test } from 'vitest';
import { OptionError } from '../lib/option-values.js';
import { parseOptions } from './options.js';

test('without options a sale is bounded and brings its own server', () => {
  expect(parseOptions([])).toEqual({
    endpoint: undefined,
    fans: 600,
    seats: 300,
    watchers: 60,
    deadlineMs: 60_000,
    seed: undefined,
    jsonFile: undefined,
  });
});

test.each([
  ['http://localhost:4000', 'http://localhost:4000/graphql'],
  ['https://tickets.example/', 'https://tickets.example/graphql'],
  ['https://tickets.example/api', 'https://tickets.example/api/graphql'],
  ['http://localhost:4000/graphql?x=1', 'http://localhost:4000/graphql'],
])('%s is played at %s', (url, endpoint) => {
  expect(parseOptions(['--url', url])?.endpoint?.href).toBe(endpoint);
});

test('only the usage was asked for', () => {
  expect(parseOptions(['--help'])).toBeNull();
});

test.each([
  [['--fans', '0'], '--fans'],
  [['--fans', '1e3'], '--fans'],
  [['--fans', '10001'], '--fans'],
  [['--seats', '100001'], '--seats'],
  [['--watchers', '-1'], '--watchers'],
  [['--watchers', '501'], '--watchers'],
  [['--deadline', '0'], '--deadline'],
  [['--seed', '2147483648'], '--seed'],
  [['--url', 'localhost:4000'], '--url'],
  [['--json', ''], '--json'],
  [['--crowd', '3'], '--crowd'],
  [['sale'], 'sale'],
])('%j is refused by name', (args, name) => {
  expect(() => parseOptions(args)).toThrow(OptionError);
  expect(() => parseOptions(args)).toThrow(name);
});

test('every fault is told at once', () => {
  expect(() => parseOptions(['--fans', 'many', '--seats', 'few'])).toThrow(/--fans.*\n.*--seats/);
});
