import { expect, test } from 'vitest';
import { OptionError } from '../../lib/option-values.js';
import { FAULT_NAMES } from './faults.js';
import { parseOptions } from './options.js';

test('without options every fault comes once, with a seed that is drawn', () => {
  expect(parseOptions([])).toEqual({
    seed: undefined,
    seeds: 1,
    faults: FAULT_NAMES,
    rounds: FAULT_NAMES.length,
    watchers: 30,
    writers: 6,
  });
});

test('faults are chosen by name, and have a round each', () => {
  expect(parseOptions(['--faults', 'cursors,oplog-rolled'])).toMatchObject({
    faults: ['cursors', 'oplog-rolled'],
    rounds: 2,
  });
  expect(parseOptions(['--faults', 'none'])).toMatchObject({ faults: [], rounds: FAULT_NAMES.length });
});

test('only the usage was asked for', () => {
  expect(parseOptions(['--help'])).toBeNull();
});

test.each([
  [['--faults', 'earthquake'], '--faults'],
  [['--faults', ''], '--faults'],
  [['--seed', '-1'], '--seed'],
  [['--seed', '2147483648'], '--seed'],
  [['--seeds', '0'], '--seeds'],
  [['--rounds', '1001'], '--rounds'],
  [['--watchers', '401'], '--watchers'],
  [['--writers', 'many'], '--writers'],
  [['--colour'], '--colour'],
])('%s cannot be done', (args, named) => {
  expect(() => parseOptions(args)).toThrow(OptionError);
  expect(() => parseOptions(args)).toThrow(named);
});
