import type { Setting } from '../lib/scenario.js';
import type { Audience } from './audience.js';

export interface LiveSetting extends Setting {
  readonly audience: Audience;
  /** How many watchers there are at a time, in the order that was asked for. */
  readonly watchers: readonly number[];
}

export const mostWatchers = ({ watchers }: LiveSetting): number => Math.max(...watchers);

/** For what is asked of a thousand: as many, or as many as there may be. */
export const upTo = (limit: number, setting: LiveSetting): number => Math.min(limit, mostWatchers(setting));
