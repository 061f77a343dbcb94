// The curves of a device: decode against depth, the sustained rate, caches, the times of tokens.
import {numberAt, textAt} from './json';
import type {ResultFile, Row} from './result';

export interface DepthPoint {
  readonly depth: number;
  readonly rate: number;
  readonly lo: number;
  readonly hi: number;
}

export interface DepthCurve {
  readonly points: readonly DepthPoint[];
  readonly fit: {
    readonly a: number;
    readonly b: number;
    readonly r2: number | null;
    readonly measured: boolean;
  } | null;
}

function plain(row: Row): boolean {
  const kv = textAt(row.params, 'kv');
  return row.status === 'ok' && (kv === '' || kv === 'f16');
}

function bounds(row: Row): {lo: number; hi: number} {
  if (row.ci95) return {lo: row.ci95[0], hi: row.ci95[1]};
  return {lo: Math.min(...row.samples), hi: Math.max(...row.samples)};
}

/** Rates at each depth: of the sweep, and of decode where the sweep has none. The line is the one of the
 *  result; without a sweep, the one through two or more decode points. */
export function depthCurve(rows: readonly Row[]): DepthCurve {
  const points = new Map<number, DepthPoint>();
  for (const workload of ['decode', 'kv_sweep']) {
    for (const row of rows) {
      const depth = numberAt(row.params, 'depth');
      if (
        row.workload !== workload ||
        row.metric !== 'decode_rate' ||
        !plain(row) ||
        depth === null ||
        row.median === null ||
        !(row.median > 0)
      )
        continue;
      points.set(depth, {depth, rate: row.median, ...bounds(row)});
    }
  }
  const sorted = [...points.values()].sort((x, y) => x.depth - y.depth);
  const fitted = (metric: string): number | null =>
    rows.find((row) => row.workload === 'kv_sweep' && row.metric === metric && plain(row))
      ?.median ?? null;
  const a = fitted('kv_base_latency');
  const b = fitted('kv_depth_cost');
  if (a !== null && b !== null)
    return {points: sorted, fit: {a, b, r2: fitted('kv_fit_r2'), measured: true}};
  if (sorted.length < 2) return {points: sorted, fit: null};
  const n = sorted.length;
  const meanX = sorted.reduce((sum, point) => sum + point.depth, 0) / n;
  const meanY = sorted.reduce((sum, point) => sum + 1 / point.rate, 0) / n;
  const slope =
    sorted.reduce((sum, point) => sum + (point.depth - meanX) * (1 / point.rate - meanY), 0) /
    sorted.reduce((sum, point) => sum + (point.depth - meanX) ** 2, 0);
  return {points: sorted, fit: {a: meanY - slope * meanX, b: slope, r2: null, measured: false}};
}

export interface Sustained {
  readonly rates: readonly number[]; // one a second
  readonly ratio: number | null;
  readonly onset: number | null; // s
  readonly onsetReason: string;
}

export function sustainedOf(rows: readonly Row[]): Sustained | null {
  const of = (metric: string): Row | undefined =>
    rows.find((row) => row.workload === 'sustained' && row.metric === metric);
  const rates = of('sustained_rate');
  if (!rates || rates.status !== 'ok' || rates.samples.length < 2) return null;
  const onset = of('throttle_onset');
  return {
    rates: rates.samples,
    ratio: of('sustained_ratio')?.median ?? null,
    onset: onset?.median ?? null,
    onsetReason: onset?.reason ?? '',
  };
}

export interface CacheCurve {
  readonly metric: 'cache_bandwidth' | 'access_latency';
  readonly device: string;
  readonly threads: number;
  readonly points: readonly {readonly bytes: number; readonly value: number}[];
}

export interface SeenCache {
  readonly level: number;
  readonly bytes: number;
  readonly described: number | null;
  readonly latency: number | null;
}

export function cacheCurves(result: ResultFile): {curves: CacheCurve[]; caches: SeenCache[]} {
  const curves = new Map<
    string,
    {
      metric: CacheCurve['metric'];
      device: string;
      threads: number;
      points: {bytes: number; value: number}[];
    }
  >();
  const caches: SeenCache[] = [];
  for (const ceiling of result.ceilings) {
    if (ceiling.metric === 'cache_size') {
      caches.push({
        level: numberAt(ceiling.params, 'level') ?? 0,
        bytes: ceiling.value,
        described: numberAt(ceiling.params, 'described_bytes'),
        latency: numberAt(ceiling.params, 'latency_s'),
      });
    }
    const bytes = numberAt(ceiling.params, 'bytes');
    if (
      (ceiling.metric !== 'cache_bandwidth' && ceiling.metric !== 'access_latency') ||
      bytes === null ||
      !(bytes > 0) ||
      !(ceiling.value > 0)
    )
      continue;
    const key = [ceiling.metric, ceiling.device, ceiling.threads].join('\n');
    const curve = curves.get(key) ?? {
      metric: ceiling.metric,
      device: ceiling.device,
      threads: ceiling.threads,
      points: [],
    };
    curve.points.push({bytes, value: ceiling.value});
    curves.set(key, curve);
  }
  const all = [...curves.values()].filter((curve) => curve.points.length >= 2);
  for (const curve of all) curve.points.sort((x, y) => x.bytes - y.bytes);
  return {curves: all, caches: caches.sort((x, y) => x.level - y.level)};
}

export interface Latency {
  readonly row: Row;
  readonly gaps: readonly (readonly number[])[]; // of each repetition, by place
  readonly sorted: readonly number[];
  readonly p50: number;
  readonly p95: number;
  readonly p99: number | null; // from 1000 tokens on
}

/** The smallest value that at least a share q of the sorted values does not exceed. */
export function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))] ?? NaN;
}

export function latencyOf(row: Row): Latency | null {
  const gaps = row.token_times_s.map((times) =>
    times.slice(1).map((time, i) => time - (times[i] ?? 0)),
  );
  const sorted = gaps.flat().sort((x, y) => x - y);
  if (sorted.length === 0 || !(sorted[sorted.length - 1]! > 0)) return null;
  return {
    row,
    gaps,
    sorted,
    p50: quantile(sorted, 0.5),
    p95: quantile(sorted, 0.95),
    p99: sorted.length >= 1000 ? quantile(sorted, 0.99) : null,
  };
}
