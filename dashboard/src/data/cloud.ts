// When a device answers sooner than a cloud endpoint: its own measured curves against three numbers.
import {depthCurve} from './curves';
import {numberAt, textAt} from './json';
import type {Row} from './result';

export interface Cloud {
  readonly ttft: number; // s, from the request's arrival to the first token; queue and prompt in it
  readonly rate: number; // tok/s
  readonly roundTrip: number; // s
}

/** Times of a device as functions of prompt and answer length. */
export interface DeviceTimes {
  /** s to the first token of a prompt. */
  readonly first: (prompt: number) => number;
  /** s from the first to the last token of an answer behind a prompt. */
  readonly rest: (prompt: number, answer: number) => number;
  readonly longestPrompt: number; // beyond it the curve is drawn on
  readonly deepest: number;
  readonly prompts: readonly number[];
}

/** What the rows of a device say; null when they lack a prefill or two depths of decode. */
export function deviceTimes(rows: readonly Row[]): DeviceTimes | null {
  const points = new Map<number, number>();
  for (const row of rows) {
    const kv = textAt(row.params, 'kv');
    if (
      row.status !== 'ok' ||
      row.workload !== 'prefill' ||
      row.metric !== 'ttft' ||
      row.median === null ||
      (kv !== '' && kv !== 'f16')
    )
      continue;
    const tokens = numberAt(row.params, 'tokens');
    if (tokens !== null && tokens > 0) points.set(tokens, row.median);
  }
  const known = [...points].sort(([a], [b]) => a - b);
  const depth = depthCurve(rows);
  const single = depth.points[0];
  const fit = depth.fit ?? (single ? {a: 1 / single.rate, b: 0} : null);
  if (known.length === 0 || !fit) return null;
  const first = (prompt: number): number => {
    if (known.length === 1) return (known[0]![1] * prompt) / known[0]![0];
    // Straight between measured lengths; below the shortest through one token's time, beyond the longest on its last slope.
    if (prompt <= known[0]![0]) return fit.a + ((known[0]![1] - fit.a) * prompt) / known[0]![0];
    let i = 1;
    while (i < known.length - 1 && prompt > known[i]![0]) i++;
    const [x0, y0] = known[i - 1]!;
    const [x1, y1] = known[i]!;
    return y0 + ((y1 - y0) * (prompt - x0)) / (x1 - x0);
  };
  // The sum of a + b (prompt + i) over the steps behind the first token.
  const rest = (prompt: number, answer: number): number => {
    const steps = Math.max(0, answer - 1);
    return steps * fit.a + fit.b * (steps * prompt + (steps * (steps + 1)) / 2);
  };
  return {
    first: (prompt) => Math.max(0, first(prompt)),
    rest,
    longestPrompt: known[known.length - 1]![0],
    deepest: depth.points[depth.points.length - 1]?.depth ?? 0,
    prompts: known.map(([tokens]) => tokens),
  };
}

export function deviceTotal(times: DeviceTimes, prompt: number, answer: number): number {
  return times.first(prompt) + times.rest(prompt, answer);
}

export function cloudTotal(cloud: Cloud, answer: number): number {
  return cloud.roundTrip + cloud.ttft + Math.max(0, answer - 1) / cloud.rate;
}

/** The longest answer for which the device is done first behind this prompt: 0 never, Infinity always (up to `most`). */
export function winsUpTo(times: DeviceTimes, cloud: Cloud, prompt: number, most = 16384): number {
  const ahead = (answer: number): boolean =>
    deviceTotal(times, prompt, answer) <= cloudTotal(cloud, answer);
  if (!ahead(1)) return 0;
  if (ahead(most)) return Infinity;
  let low = 1;
  let high = most;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (ahead(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** The longest prompt whose first token the device brings sooner. */
export function firstTokenUpTo(times: DeviceTimes, cloud: Cloud, most = 131072): number {
  const limit = cloud.roundTrip + cloud.ttft;
  if (times.first(1) > limit) return 0;
  if (times.first(most) <= limit) return Infinity;
  let low = 1;
  let high = most;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (times.first(middle) <= limit) low = middle;
    else high = middle;
  }
  return low;
}
