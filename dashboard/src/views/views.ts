// The list of views.
import {cloud} from './cloud';
import {compare} from './compare';
import {device} from './device';
import {explore} from './explore';
import {leaderboard} from './leaderboard';
import {trends} from './trends';
import type {View} from './view';
import {yours} from './yours';

export const views = {leaderboard, device, compare, explore, cloud, trends, yours} satisfies Record<
  string,
  View
>;
