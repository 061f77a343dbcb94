// The metric table, and the columns that entries are compared by.
import {METRICS} from '../generated/metrics';
import {TIERS} from '../generated/tiers';
import {numberAt, textAt} from './json';
import type {Row} from './result';

export interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  readonly label: string;
  readonly help: string;
}

const BY_NAME = new Map<string, Metric>(METRICS.map((metric) => [metric.name, metric as Metric]));

export function metricOf(name: string): Metric {
  return BY_NAME.get(name) ?? {name, unit: '1', better: 'higher', label: name, help: ''};
}

/** One number of an entry: a metric at one point of one workload. */
export interface Column {
  readonly id: string;
  readonly label: string;
  readonly short: string;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  readonly help: string;
  readonly matches: (row: Row) => boolean;
}

function isPlain(row: Row): boolean {
  const kv = textAt(row.params, 'kv');
  return kv === '' || kv === 'f16';
}

function column(
  id: string,
  metric: string,
  label: string,
  short: string,
  matches: (row: Row) => boolean,
): Column {
  const {unit, better, help} = metricOf(metric);
  return {
    id,
    label,
    short,
    unit,
    better,
    help,
    matches: (row) => row.metric === metric && isPlain(row) && matches(row),
  };
}

const decodeAt = (depth: number) => (row: Row) =>
  row.workload === 'decode' && numberAt(row.params, 'depth') === depth;
const prefillOf = (tokens: number) => (row: Row) =>
  row.workload === 'prefill' && numberAt(row.params, 'tokens') === tokens;
const inWorkload = (name: string) => (row: Row) => row.workload === name;

/** What the leaderboard, Explore and Compare know of an entry, in this order in the data files. */
export const COLUMNS: readonly Column[] = [
  column('decode_0', 'decode_rate', 'Decode, empty cache', 'Decode', decodeAt(0)),
  column('decode_2048', 'decode_rate', 'Decode at 2,048', 'Decode @2k', decodeAt(2048)),
  column('decode_8192', 'decode_rate', 'Decode at 8,192', 'Decode @8k', decodeAt(8192)),
  column('prefill_128', 'prefill_rate', 'Prefill, 128 tokens', 'Prefill 128', prefillOf(128)),
  column('prefill_512', 'prefill_rate', 'Prefill, 512 tokens', 'Prefill 512', prefillOf(512)),
  column('prefill_2048', 'prefill_rate', 'Prefill, 2,048 tokens', 'Prefill 2k', prefillOf(2048)),
  column('ttft_128', 'ttft', 'First token, 128 tokens', 'TTFT 128', prefillOf(128)),
  column('ttft_512', 'ttft', 'First token, 512 tokens', 'TTFT 512', prefillOf(512)),
  column('ttft_2048', 'ttft', 'First token, 2,048 tokens', 'TTFT 2k', prefillOf(2048)),
  column('itl_p95', 'itl_p95', 'Token latency p95, empty cache', 'ITL p95', decodeAt(0)),
  column('energy', 'energy_per_token', 'Energy per token', 'Energy', decodeAt(0)),
  column(
    'first_clause',
    'first_clause_time',
    'Voice: time to first clause',
    'Voice',
    inWorkload('voice'),
  ),
  column('headroom', 'speech_headroom', 'Voice: speech headroom', 'Headroom', inWorkload('voice')),
  column(
    'sustained',
    'sustained_ratio',
    'Sustained: last minute / first',
    'Sustained',
    inWorkload('sustained'),
  ),
  column(
    'throttle',
    'throttle_onset',
    'Sustained: throttle onset',
    'Throttle',
    inWorkload('sustained'),
  ),
  column('kv_reuse', 'kv_reuse_speedup', 'KV reuse speed-up', 'KV reuse', inWorkload('kv_reuse')),
  column(
    'kv_base',
    'kv_base_latency',
    'Token time, no cache (fit)',
    'Fit a',
    inWorkload('kv_sweep'),
  ),
  column(
    'kv_depth',
    'kv_depth_cost',
    'Cost of a cached token (fit)',
    'Fit b',
    inWorkload('kv_sweep'),
  ),
  column(
    'load_cold',
    'load_time',
    'Load, cold',
    'Load cold',
    (row) => textAt(row.params, 'cache') === 'cold',
  ),
  column(
    'load_warm',
    'load_time',
    'Load, warm',
    'Load warm',
    (row) => textAt(row.params, 'cache') === 'warm',
  ),
  column(
    'batch_8',
    'batch_rate',
    'Batch of 8, all together',
    'Batch 8',
    (row) => numberAt(row.params, 'sequences') === 8,
  ),
  {
    ...column('roof', 'decode_rate', 'Decode, share of the roof', 'Of roof', decodeAt(0)),
    unit: '1',
    help: 'Attained / the roof that binds, measured in the same minutes.',
  },
  {...column('bandwidth', 'read_bandwidth', 'Read bandwidth', 'Read', () => false), unit: 'B/s'},
  {...column('score', 'score', 'Score', 'Score', () => false), unit: '1'},
];

const INDEX = new Map(COLUMNS.map((entry, i) => [entry.id, i]));

export function columnIndex(id: string): number {
  return INDEX.get(id) ?? -1;
}

export function columnOf(id: string): Column {
  return COLUMNS[columnIndex(id)] ?? COLUMNS[0]!;
}

export const CLASSES = [
  'phone',
  'tablet',
  'single-board',
  'laptop',
  'desktop',
  'server',
  'virtual',
] as const;

export function tierOf(model: string, quant: string): string {
  return TIERS.find((tier) => tier.model === model && tier.quant === quant)?.tier ?? '';
}
