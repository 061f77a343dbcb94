// Curves, rooflines and times, by hand-made rows.
import {describe, expect, test} from 'vitest';
import {cloudTotal, deviceTimes, deviceTotal, firstTokenUpTo, winsUpTo} from '../../src/data/cloud';
import {cacheCurves, depthCurve, latencyOf, quantile, sustainedOf} from '../../src/data/curves';
import {subjectsOf} from '../../src/data/entry';
import {labelOf, shareOfRoof} from '../../src/data/labels';
import {rooflineOf, roofsOf, whatLimits} from '../../src/data/roofline';
import {speak, SPOKEN_TOKENS_PER_S, voiceOf} from '../../src/data/voice';
import type {Row} from '../../src/data/result';
import {paretoFront} from '../../src/data/pareto';
import {logHistogram, standing} from '../../src/device/peers';
import {invented, sample} from './samples';

const base = sample().records.find((row) => row.status === 'ok')!;
const row = (
  workload: string,
  metric: string,
  params: Record<string, unknown>,
  median: number,
): Row =>
  ({
    ...base,
    workload,
    metric,
    params,
    median,
    samples: [median],
    ci95: [median, median],
    token_times_s: [],
  }) as Row;

describe('decode against depth', () => {
  test('takes the fit of the sweep', () => {
    const rows = [
      row('kv_sweep', 'decode_rate', {depth: 0}, 100),
      row('kv_sweep', 'decode_rate', {depth: 1000}, 50),
      row('kv_sweep', 'kv_base_latency', {}, 0.01),
      row('kv_sweep', 'kv_depth_cost', {}, 1e-5),
      row('kv_sweep', 'kv_fit_r2', {}, 0.99),
    ];
    expect(depthCurve(rows).fit).toEqual({a: 0.01, b: 1e-5, r2: 0.99, measured: true});
  });

  test('without a sweep draws the line through decode', () => {
    const {fit, points} = depthCurve([
      row('decode', 'decode_rate', {depth: 2048}, 50),
      row('decode', 'decode_rate', {depth: 0}, 100),
    ]);
    expect(points.map((point) => point.depth)).toEqual([0, 2048]);
    expect(fit!.a).toBeCloseTo(0.01, 10);
    expect(fit!.b).toBeCloseTo(0.01 / 2048, 12);
    expect(fit!.measured).toBe(false);
  });

  test('leaves other caches out', () => {
    expect(depthCurve([row('decode', 'decode_rate', {depth: 0, kv: 'q8_0'}, 100)]).points).toEqual(
      [],
    );
  });
});

describe('local or cloud', () => {
  const rows = [
    row('prefill', 'ttft', {tokens: 100}, 0.1),
    row('prefill', 'ttft', {tokens: 1000}, 1.5),
    row('decode', 'decode_rate', {depth: 0}, 100),
    row('decode', 'decode_rate', {depth: 1000}, 50),
  ];
  const times = deviceTimes(rows)!;

  test('hits measured points and is straight between them', () => {
    expect(times.first(100)).toBeCloseTo(0.1);
    expect(times.first(1000)).toBeCloseTo(1.5);
    expect(times.first(550)).toBeCloseTo(0.8);
  });

  test('sums the times of tokens as the cache grows', () => {
    let sum = 0;
    for (let i = 1; i < 40; i++) sum += 0.01 + 1e-5 * (500 + i);
    expect(times.rest(500, 40)).toBeCloseTo(sum, 9);
    expect(times.rest(500, 1)).toBe(0);
  });

  test('finds the border at which both are done together', () => {
    const cloud = {ttft: 0.5, rate: 200, roundTrip: 0.1};
    const answer = winsUpTo(times, cloud, 100);
    expect(deviceTotal(times, 100, answer)).toBeLessThanOrEqual(cloudTotal(cloud, answer));
    expect(deviceTotal(times, 100, answer + 1)).toBeGreaterThan(cloudTotal(cloud, answer + 1));
    expect(times.first(firstTokenUpTo(times, cloud))).toBeLessThanOrEqual(0.6);
    expect(winsUpTo(times, cloud, 10000)).toBe(0);
    expect(winsUpTo(times, {ttft: 5, rate: 10, roundTrip: 0}, 100)).toBe(Infinity);
  });

  test('needs both prefill and decode', () => {
    expect(deviceTimes(rows.slice(0, 2))).toBeNull();
    expect(deviceTimes(rows.slice(2))).toBeNull();
  });
});

describe('token times', () => {
  test('are differences, and p99 only from 1000 on', () => {
    const latency = latencyOf({
      ...base,
      token_times_s: [
        [1, 1.5, 2.5],
        [1, 1.25, 1.5],
      ],
    } as Row)!;
    expect(latency.sorted).toEqual([0.25, 0.25, 0.5, 1]);
    expect(latency.p50).toBe(0.25);
    expect(latency.p99).toBeNull();
    expect(quantile([1, 2, 3, 4], 0.95)).toBe(4);
    expect(latencyOf({...base, token_times_s: []} as Row)).toBeNull();
  });
});

describe('a spoken turn', () => {
  test('waits where a token comes too late, as the program counts it', () => {
    const token = 1 / SPOKEN_TOKENS_PER_S;
    const times = Array.from({length: 20}, (_, i) => 0.1 + i * 0.01);
    expect(speak(times).stalls).toEqual([]);
    const late = [...times];
    late[18] = times[15]! + 18 * token + 1; // needed at clause + 18 token times
    late[19] = late[18]! + 0.01;
    expect(speak(late).stalls.length).toBe(1);
  });

  test('shows the repetition in the middle', () => {
    const turn = voiceOf([
      {
        ...row('voice', 'first_clause_time', {system: 512, utterance: 64}, 0.3),
        token_times_s: [1, 2, 3].map((n) => Array.from({length: 16}, (_, i) => n * (i + 1))),
      } as Row,
    ])!;
    expect(turn.firstToken).toBe(2);
    expect(turn.utterance).toBe(64);
  });
});

describe('the roofline', () => {
  const result = invented();
  const rows = subjectsOf(result)[0]!;

  test('has every workload below its roof, and says what binds', () => {
    const roofline = rooflineOf(result, rows)!;
    expect(roofline.points.map((point) => point.label)).toContain('decode @0');
    for (const point of roofline.points) {
      const roof =
        point.bound === 'memory'
          ? roofline.memory.middle * point.intensity
          : roofline.peaks[0]!.middle;
      expect(point.attained / roof).toBeCloseTo(point.fraction, 6);
    }
  });

  test('keeps how far a roof moved', () => {
    for (const roof of roofsOf(result))
      expect(roof.low <= roof.middle && roof.middle <= roof.high).toBe(true);
    expect(roofsOf(result).find((roof) => roof.metric === 'read_bandwidth')!.n).toBe(3);
  });

  test('is none without bandwidth, and the sentence says so of rows without roofs', () => {
    expect(rooflineOf({...result, ceilings: []}, rows)).toBeNull();
    expect(
      whatLimits(
        result,
        rows.map((each) => ({...each, roofline: null})),
      ),
    ).toMatch(/not known/);
    expect(whatLimits(result, rows)).toMatch(/memory bandwidth is the limit/);
  });

  test('says that weights came from the cache where they came faster than memory delivers', () => {
    const fast = rows.map((row) =>
      row.roofline && row.metric === 'decode_rate'
        ? {...row, roofline: {...row.roofline, fraction: 1.19}}
        : row,
    );
    expect(whatLimits(result, fast)).toMatch(/119 % .* last cache holds much of this model/);
  });

  test('names rows as the program does', () => {
    const labels = sample().records.map(labelOf);
    expect(labels).toContain('decode @2048');
    expect(labels).toContain('prefill 512 ttft');
    expect(shareOfRoof(rows.find((each) => each.metric === 'decode_rate')!)).toMatch(
      /^\d+ % memory$/,
    );
  });
});

test('sustained: rates, ratio, onset, and none from rows without numbers', () => {
  const rows = subjectsOf(invented())[0]!;
  expect(sustainedOf(rows)).toMatchObject({rates: expect.arrayContaining([expect.any(Number)])});
  expect(sustainedOf(rows.filter((each) => each.metric !== 'sustained_rate'))).toBeNull();
});

test('cache curves are sorted and their ends known', () => {
  const {curves, caches} = cacheCurves(invented());
  for (const curve of curves)
    expect([...curve.points].sort((a, b) => a.bytes - b.bytes)).toEqual(curve.points);
  expect(caches.map((cache) => cache.level)).toEqual([1, 2, 3]);
});

test('the front holds what no other beats in both', () => {
  expect(paretoFront([1, 2, 3, 4], [10, 20, 15, 30], {x: 'lower', y: 'higher'})).toEqual([0, 1, 3]);
  expect(paretoFront([1, 2, 3, 4], [10, 20, 15, 30], {x: 'higher', y: 'higher'})).toEqual([3]);
  expect(paretoFront([1, 1], [5, 5], {x: 'lower', y: 'higher'})).toEqual([0]);
});

test('histograms count everybody once', () => {
  const {counts} = logHistogram([1, 2, 3, 1000, 0.01], 12);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(5);
  expect(
    standing([1, 2, 3, 4], {median: 3.5, lo: 3.4, hi: 3.6, n: 9, kind: 'ci95'}, 'higher'),
  ).toBe('Better than 75 % of 4 devices');
  expect(standing([1, 2, 3, 4], {median: 3.5, lo: 3.4, hi: 3.6, n: 9, kind: 'ci95'}, 'lower')).toBe(
    'Better than 25 % of 4 devices',
  );
});
