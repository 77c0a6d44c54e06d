import { expect, test } from 'vitest';
import { FAULT_NAMES } from '../chaos/faults.js';
import { FAULT_NAMES as LIVE_FAULT_NAMES } from '../chaos/live-map/faults.js';
import { parseOptions as chaosLiveOptions } from '../chaos/live-map/options.js';
import { parseOptions as chaosOptions } from '../chaos/options.js';
import { parseOptions as liveOptions } from '../live-map/options.js';
import { parseOptions as rushOptions } from '../rush/options.js';
import { parseOptions as benchOptions } from '../write-path/options.js';
import { OptionError } from './options.js';

const bench = (args: readonly string[]) => benchOptions(args, ['write-path', 'size'], ['ours', 'peer']);
const live = (args: readonly string[]) => liveOptions(args, ['deliver', 'memory']);

test('without options each command has its documented defaults', () => {
  expect(rushOptions([])).toEqual({
    wishes: false,
    endpoint: undefined,
    fans: 600,
    seats: 300,
    watchers: 60,
    deadlineMs: 60_000,
    seed: undefined,
    jsonFile: undefined,
  });
  expect(chaosOptions([])).toMatchObject({ faults: FAULT_NAMES, rounds: 3, plant: undefined });
  expect(chaosLiveOptions([])).toEqual({
    seed: undefined,
    seeds: 1,
    faults: LIVE_FAULT_NAMES,
    rounds: LIVE_FAULT_NAMES.length,
    watchers: 30,
    writers: 6,
  });
  expect(bench([])).toMatchObject({ scenarios: ['write-path'], rounds: 3, phaseMs: 3_000, only: undefined });
  expect(live([])).toMatchObject({ scenarios: ['deliver'], watchers: [100, 1_000, 5_000], msMax: undefined });
});

test('lists, flags and derived defaults are read', () => {
  expect(chaosOptions(['--fault', 'server-kill,disk-full', '--seed', '7'])).toMatchObject({
    faults: ['server-kill', 'disk-full'],
    seed: 7,
  });
  expect(rushOptions(['--wishes', '--seats', '40'])).toMatchObject({ wishes: true, fans: 5_000, seats: 40 });
  expect(chaosLiveOptions(['--faults', 'cursors,oplog-rolled'])).toMatchObject({ rounds: 2 });
  expect(chaosLiveOptions(['--faults', 'none'])).toMatchObject({
    faults: [],
    rounds: LIVE_FAULT_NAMES.length,
  });
  expect(bench(['--scenario', 'all', '--callers', '4, 4,8', '--publish'])).toMatchObject({
    scenarios: ['write-path', 'size'],
    callers: [4, 8],
    publish: true,
  });
  expect(live(['--scenario', 'all'])).toMatchObject({
    watchers: [100, 1_000, 5_000, 10_000],
    msMax: 1_500_000,
  });
});

test.each([
  ['http://localhost:4000', 'http://localhost:4000/graphql'],
  ['https://tickets.example/', 'https://tickets.example/graphql'],
  ['https://tickets.example/api', 'https://tickets.example/api/graphql'],
  ['http://localhost:4000/graphql?x=1', 'http://localhost:4000/graphql'],
])('--url %s means %s', (url, endpoint) => {
  expect(rushOptions(['--url', url])?.endpoint?.href).toBe(endpoint);
});

test('--help asks for the usage only', () => {
  for (const parse of [rushOptions, chaosOptions, chaosLiveOptions, bench, live])
    expect(parse(['--help'])).toBeNull();
});

test.each<[(args: readonly string[]) => unknown, string[], string]>([
  [rushOptions, ['--fans', '0'], '--fans'],
  [rushOptions, ['--fans', '1e3'], '--fans'],
  [rushOptions, ['--seats', '100001'], '--seats'],
  [rushOptions, ['--watchers', '-1'], '--watchers'],
  [rushOptions, ['--seed', '2147483648'], '--seed'],
  [rushOptions, ['--url', 'localhost:4000'], '--url'],
  [rushOptions, ['--wishes', '--url', 'http://localhost:4000'], '--wishes'],
  [rushOptions, ['--json', ''], '--json'],
  [rushOptions, ['--crowd', '3'], '--crowd'],
  [rushOptions, ['sale'], 'sale'],
  [chaosOptions, ['--fault', 'flood'], '--fault'],
  [chaosOptions, ['--plant', 'weeds'], '--plant'],
  [chaosOptions, ['--from', '/nowhere'], '--from'],
  [chaosLiveOptions, ['--faults', ''], '--faults'],
  [chaosLiveOptions, ['--writers', 'many'], '--writers'],
  [bench, ['--callers', '1,2,3,4,5,6,7,8,9'], '--callers'],
  [bench, ['--only', 'theirs'], '--only'],
  [bench, ['--only', 'ours', '--publish'], '--publish'],
  [live, ['--minutes', '241'], '--minutes'],
])('%s %j is refused by name', (parse, args, name) => {
  expect(() => parse(args)).toThrow(OptionError);
  expect(() => parse(args)).toThrow(name);
});

test('all invalid options are reported at once', () => {
  expect(() => rushOptions(['--fans', 'many', '--seats', 'few'])).toThrow(/--fans.*\n.*--seats/);
});
