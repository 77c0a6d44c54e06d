import { expect, test } from 'vitest';
import { OptionError } from '../lib/option-values.js';
import { FAULT_NAMES } from './faults.js';
import { parseOptions } from './options.js';

test('without options every fault is played', () => {
  expect(parseOptions([])).toMatchObject({ faults: FAULT_NAMES, rounds: 3, plant: undefined });
});

test('several faults are named with commas', () => {
  expect(parseOptions(['--fault', 'server-kill,disk-full', '--rounds', '20', '--seed', '7'])).toMatchObject({
    faults: ['server-kill', 'disk-full'],
    rounds: 20,
    seed: 7,
  });
});

test('everything that cannot be done is told at once', () => {
  const wrong = () => parseOptions(['--fault', 'flood', '--rounds', '0', '--plant', 'weeds']);
  expect(wrong).toThrow(OptionError);
  for (const option of ['--fault', '--rounds', '--plant']) expect(wrong).toThrow(option);
});
