import type { Setting } from '../lib/scenario.js';
import type { Audience } from './audience.js';

export interface LiveSetting extends Setting {
  readonly audience: Audience;
  /** Numbers of watchers to measure, in the given order. */
  readonly watchers: readonly number[];
}

export const mostWatchers = ({ watchers }: LiveSetting): number => Math.max(...watchers);

/** The largest allowed number of watchers up to a limit. */
export const upTo = (limit: number, setting: LiveSetting): number => Math.min(limit, mostWatchers(setting));
