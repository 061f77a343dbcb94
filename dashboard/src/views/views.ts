// The list of views.
import {device} from './device';
import {leaderboard} from './leaderboard';
import type {View} from './view';

export const views = {leaderboard, device} satisfies Record<string, View>;
