// Rows and ceilings of an invented result, written as a run would.
import {medianInterval} from '../src/data/groups';
import {metricOf} from '../src/data/metrics';
import type {Ceiling, Row} from '../src/data/result';
import {METRICS} from '../src/generated/metrics';
import {Random} from './random';
import type {Machine} from './synthetic_machines';

export interface Model {
  readonly name: string;
  readonly quant: string;
  readonly bytes: number;
  readonly parameters: number;
  readonly kvBytes: number; // of one position
}

export const MODELS: readonly Model[] = [
  {name: 'smollm2-135m', quant: 'q8_0', bytes: 143025408, parameters: 1.345e8, kvBytes: 23040},
  {name: 'llama-3.2-1b', quant: 'q4_k_m', bytes: 807690656, parameters: 1.236e9, kvBytes: 32768},
  {name: 'llama-3.2-3b', quant: 'q4_k_m', bytes: 2019377152, parameters: 3.213e9, kvBytes: 114688},
  {name: 'llama-3.1-8b', quant: 'q4_k_m', bytes: 4920739232, parameters: 8.03e9, kvBytes: 131072},
  {name: 'qwen3-30b-a3b', quant: 'q4_k_m', bytes: 1.86e10, parameters: 3.3e9, kvBytes: 98304},
];

export interface Options {
  readonly detail: boolean; // samples, token times and curves as a real run has them
  readonly gpu: boolean;
  readonly publisher: string;
  readonly date: string;
}

const DEFINITIONS = new Map<string, string>(
  METRICS.map((metric) => [metric.name, metric.definition]),
);

export interface Side {
  readonly backend: string;
  readonly device: string;
  readonly software: boolean;
  readonly threads: number;
  readonly bandwidth: number;
  readonly peak: number;
}

export class Writer {
  readonly records: Row[] = [];
  readonly ceilings: Ceiling[] = [];

  constructor(
    readonly random: Random,
    readonly machine: Machine,
    readonly model: Model,
    readonly side: Side,
    readonly detail: boolean,
    private readonly sha: string,
  ) {}

  tokenTime(depth: number): number {
    const active = this.model.name.includes('a3b') ? this.model.bytes / 10 : this.model.bytes;
    return (active + depth * this.model.kvBytes) / (this.side.bandwidth * 0.86) + 1.2e-4;
  }

  prefillTime(tokens: number): number {
    return (
      (2 * this.model.parameters * tokens) / (this.side.peak * 0.62) +
      tokens * tokens * 4e-9 +
      this.tokenTime(0)
    );
  }

  samples(value: number, noise = 0.008): number[] {
    const n = this.detail ? 7 + Math.floor(this.random.next() * 12) : 7;
    return Array.from({length: n}, () => this.random.about(value, noise));
  }

  row(
    workload: string,
    metric: string,
    params: Record<string, unknown>,
    samples: number[],
    more: Partial<Row> = {},
  ): void {
    const sorted = [...samples].sort((a, b) => a - b);
    const median = (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
    const ci95 = medianInterval(sorted);
    const {unit, better} = metricOf(metric);
    const absent: Record<string, string> = {};
    if (!ci95)
      absent['ci95'] = `${samples.length} repetitions: a 95 % interval of the median needs 6`;
    if (!more.roofline) absent['roofline'] = 'not a rate of one device';
    this.records.push({
      workload,
      model: {
        name: this.model.name,
        quant: this.model.quant,
        sha256: this.sha,
        bytes: this.model.bytes,
      },
      backend: this.side.backend,
      device: this.side.device,
      requested: '',
      software: this.side.software,
      threads: this.side.threads,
      params,
      metric,
      definition: DEFINITIONS.get(metric),
      unit,
      better,
      status: 'ok',
      reason: null,
      samples,
      median,
      ci95,
      n: samples.length,
      cold: samples[0]! * (better === 'higher' ? 0.8 : 1.3),
      token_times_s: [],
      converged: true,
      shape: 'flat',
      warmup: {repetitions: 2, stop: 'steady'},
      outliers: [],
      roofline: null,
      conformance: {pass: true, nmse: 3e-5, limit: 2e-3, greedy_match: 32, greedy_total: 32},
      absent,
      ...more,
    } as Row);
  }

  absentRow(
    workload: string,
    metric: string,
    params: Record<string, unknown>,
    status: 'skipped' | 'unsupported' | 'failed',
    reason: string,
  ): void {
    this.row(workload, metric, params, [1], {
      status,
      reason,
      samples: [],
      median: null,
      ci95: null,
      n: null,
      cold: null,
      converged: null,
      shape: null,
      warmup: null,
      roofline: null,
      absent: {},
    });
  }

  share(seconds: number, bytes: number, flops: number): Row['roofline'] {
    const memory = bytes / this.side.bandwidth;
    const compute = flops / this.side.peak;
    const bound = memory >= compute ? 'memory' : 'compute';
    return {
      bound,
      roof: bound === 'memory' ? 'read_bandwidth' : 'int8_peak',
      bytes,
      flops,
      fraction: Math.max(memory, compute) / seconds,
    };
  }

  ceiling(
    metric: string,
    value: number,
    at: number,
    params: Record<string, unknown> = {},
    device = this.side.device,
  ): void {
    const {unit, better} = metricOf(metric);
    const v = this.random.about(value, 0.006);
    this.ceilings.push({
      metric,
      definition: DEFINITIONS.get(metric),
      unit,
      better,
      backend: device === 'host' ? 'host' : this.side.backend,
      device,
      threads: device === 'host' ? 1 : this.side.threads,
      at_s: at,
      samples: [v * 0.98, v, v * 0.99],
      n: 3,
      value: v,
      params,
    } as Ceiling);
  }
}
