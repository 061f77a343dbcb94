// The roofs of a device and where its workloads stand below them.
import {isMain, labelOf} from './labels';
import {metricOf} from './metrics';
import {percent, quantity} from './quantity';
import type {ResultFile, Row} from './result';
import {at} from './json';

/** One ceiling over the run: shared machines drift, so it has a band. */
export interface Roof {
  readonly metric: string;
  readonly device: string;
  readonly threads: number;
  readonly unit: string;
  readonly low: number;
  readonly middle: number;
  readonly high: number;
  readonly n: number;
  readonly params: Readonly<Record<string, unknown>>;
}

const CURVES = new Set(['cache_bandwidth', 'access_latency', 'cache_size']);

export function roofsOf(result: ResultFile): Roof[] {
  const found = new Map<
    string,
    {values: number[]; roof: Omit<Roof, 'low' | 'middle' | 'high' | 'n'>}
  >();
  for (const ceiling of result.ceilings) {
    if (CURVES.has(ceiling.metric)) continue;
    const key = [ceiling.metric, ceiling.device, ceiling.threads].join('\n');
    const entry = found.get(key) ?? {
      values: [],
      roof: {
        metric: ceiling.metric,
        device: ceiling.device,
        threads: ceiling.threads,
        unit: ceiling.unit,
        params: ceiling.params,
      },
    };
    entry.values.push(ceiling.value);
    found.set(key, entry);
  }
  return [...found.values()].map(({values, roof}) => {
    values.sort((a, b) => a - b);
    return {
      ...roof,
      low: values[0]!,
      high: values[values.length - 1]!,
      n: values.length,
      middle: (values[(values.length - 1) >> 1]! + values[values.length >> 1]!) / 2,
    };
  });
}

export interface RooflinePoint {
  readonly row: Row;
  readonly label: string;
  readonly intensity: number; // operations per byte
  readonly attained: number; // operations per second
  readonly fraction: number;
  readonly bound: 'memory' | 'compute';
}

export interface Roofline {
  readonly memory: Roof;
  readonly peaks: readonly Roof[];
  readonly points: readonly RooflinePoint[];
}

/** The roofline of one device's rows; null where no read bandwidth was measured. Only the
 *  rates of workloads: their times would lie on the same spots, and the sweep has a curve of its own. */
export function rooflineOf(result: ResultFile, rows: readonly Row[]): Roofline | null {
  const first = rows[0];
  if (!first) return null;
  const roofs = roofsOf(result).filter(
    (roof) => roof.device === first.device && roof.threads === first.threads && roof.low > 0,
  );
  const memory = roofs.find((roof) => roof.metric === 'read_bandwidth');
  if (!memory) return null;
  const peaks = roofs
    .filter((roof) => roof.metric.endsWith('_peak'))
    .sort((a, b) => b.middle - a.middle);
  const points: RooflinePoint[] = [];
  for (const row of rows) {
    if (
      row.status !== 'ok' ||
      !row.roofline ||
      !isMain(row) ||
      row.workload === 'kv_sweep' ||
      !row.metric.endsWith('_rate')
    )
      continue;
    const {bytes, flops, fraction, bound, roof} = row.roofline;
    if (!(bytes > 0 && flops > 0 && fraction > 0)) continue;
    const intensity = flops / bytes;
    const limit =
      bound === 'memory'
        ? memory.middle * intensity
        : peaks.find((peak) => peak.metric === roof)?.middle;
    if (limit)
      points.push({
        row,
        label: labelOf(row),
        intensity,
        attained: limit * fraction,
        fraction,
        bound,
      });
  }
  return {memory, peaks, points};
}

const REACHED = 0.7;
// Above this, weights did not come from memory (harness/report/limit.cc says the same).
const FROM_CACHE = 1.05;
const FAR = 0.4;

/** One plain sentence: what limits this device on these rows. */
export function whatLimits(result: ResultFile, rows: readonly Row[]): string {
  const rates = rows.filter(
    (row) =>
      row.status === 'ok' &&
      row.roofline &&
      row.roofline.fraction > 0 &&
      (row.metric === 'decode_rate' || row.metric === 'prefill_rate') &&
      row.workload !== 'batch',
  );
  const row =
    rates.find((each) => each.metric === 'decode_rate' && each.params['depth'] === 0) ??
    rates.find((each) => each.metric === 'decode_rate') ??
    rates[0];
  if (!row?.roofline)
    return 'What limits this device is not known: no row was measured that can be held against a roof.';
  const {fraction, bound, roof} = row.roofline;
  const decode = row.metric === 'decode_rate';
  const who =
    row.threads > 0 ? (row.threads === 1 ? '1 thread' : `${row.threads} threads`) : 'this device';
  const only = fraction < REACHED ? 'only ' : '';
  const disturbed = result.warnings.some(
    (warning) => warning.id === 'background_load' || warning.id === 'steal_time',
  );
  const unsure =
    ': other work held the processors meanwhile, so what limits this device is not known.';
  if (bound === 'memory') {
    const speed =
      decode && row.median ? ` at ${quantity(row.roofline.bytes * row.median, 'B/s')}` : '';
    const line = `${decode ? 'Decode reads weights' : 'Prefill reads'}${speed}, ${only}${percent(fraction)} of what this memory delivers to ${who}`;
    if (fraction > FROM_CACHE)
      return `${line}: the last cache holds much of this model, and one that it does not hold is slower.`;
    if (fraction >= REACHED) {
      const all =
        row.threads > 0 && row.threads >= Number(at(result.device, 'cpu', 'cores') ?? Infinity);
      return `${line}: memory bandwidth is the limit; ${all ? 'more threads will not help.' : 'smaller weights help, faster arithmetic does not.'}`;
    }
    if (disturbed) return line + unsure;
    return fraction >= FAR
      ? `${line}: memory bandwidth and the kernels both limit it; the rest of a token's time is not spent reading.`
      : `${line}: the kernels are the limit, not the memory.`;
  }
  const line = `${decode ? 'Decode' : 'Prefill'} computes with ${only}${percent(fraction)} of the ${metricOf(roof).label} of ${who}`;
  if (fraction >= REACHED) return `${line}: arithmetic is the limit; faster memory will not help.`;
  if (disturbed) return line + unsure;
  return fraction >= FAR
    ? `${line}: arithmetic and the kernels both limit it.`
    : `${line}: the kernels are the limit, not the hardware.`;
}
