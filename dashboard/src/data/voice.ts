// A spoken turn on a line of time: heard, first token, first clause, then speech that tokens must keep ahead of.
import {numberAt} from './json';
import type {Row} from './result';

/** 160 words a minute, 4/3 tokens a word (results/README.md, speech_headroom_v1). */
export const SPOKEN_TOKENS_PER_S = (160 / 60) * (4 / 3);
export const CLAUSE_TOKENS = 16;

export interface VoiceTurn {
  readonly clause: number; // s, median
  readonly clauseRange: readonly [number, number] | null;
  readonly firstToken: number | null; // s, of the middle repetition
  readonly tokens: readonly number[]; // times of that repetition
  readonly spoken: readonly number[]; // when each of its tokens is spoken
  readonly stalls: readonly number[]; // times at which speech waits
  readonly system: number;
  readonly utterance: number;
  readonly headroom: number | null;
}

/** When each token is spoken, and where speech has to wait for one. */
export function speak(times: readonly number[]): {spoken: number[]; stalls: number[]} {
  const begin = times[Math.min(CLAUSE_TOKENS, times.length) - 1] ?? 0;
  const spoken: number[] = [];
  const stalls: number[] = [];
  let clock = begin;
  times.forEach((ready, i) => {
    if (i >= CLAUSE_TOKENS && ready > clock + 1e-9) {
      stalls.push(clock);
      clock = ready;
    }
    spoken.push(clock);
    clock += 1 / SPOKEN_TOKENS_PER_S;
  });
  return {spoken, stalls};
}

export function voiceOf(rows: readonly Row[]): VoiceTurn | null {
  const of = (metric: string): Row | undefined =>
    rows.find((row) => row.workload === 'voice' && row.metric === metric && row.status === 'ok');
  const clause = of('first_clause_time');
  if (!clause || clause.median === null) return null;
  const repetitions = [...clause.token_times_s]
    .filter((times) => times.length > 1)
    .sort((a, b) => (a[CLAUSE_TOKENS - 1] ?? Infinity) - (b[CLAUSE_TOKENS - 1] ?? Infinity));
  const tokens = repetitions[(repetitions.length - 1) >> 1] ?? [];
  return {
    clause: clause.median,
    clauseRange: clause.ci95,
    firstToken: tokens[0] ?? null,
    tokens,
    ...speak(tokens),
    system: numberAt(clause.params, 'system') ?? 0,
    utterance: numberAt(clause.params, 'utterance') ?? 0,
    headroom: of('speech_headroom')?.median ?? null,
  };
}
