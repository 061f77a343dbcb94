// What every view says about a row in words: its label, its share of the roof, its doubts.
import {scalarText} from './json';
import type {Row} from './result';
import {percent} from './quantity';

const MAINS: readonly (readonly [string, string])[] = [
  ['decode', 'decode_rate'],
  ['kv_sweep', 'decode_rate'],
  ['kv_quant', 'decode_rate'],
  ['batch', 'batch_rate'],
  ['prefill', 'prefill_rate'],
  ['load', 'load_time'],
  ['sustained', 'sustained_rate'],
];

// Params that say how a case is made and are the same in all of its kind.
const CONSTANT = new Set([
  'turn_1',
  'turn_2',
  'system',
  'utterance',
  'answer',
  'kept',
  'dropped',
  'window',
  'page_cache',
  'clipped',
  'depths',
  'energy',
  'source',
  'working_set',
]);

/** Whether the row is the metric that its workload is run for. */
export function isMain(row: Row): boolean {
  return MAINS.some(([workload, metric]) => workload === row.workload && metric === row.metric);
}

// "@2048" out of {"depth": 2048, "tokens": 128, "kv": "f16"}.
function pointOf(row: Row): string {
  const params = row.params;
  const many = 'depth' in params || 'depths' in params || 'sequences' in params;
  let point = '';
  for (const [key, value] of Object.entries(params)) {
    if (key.endsWith('_sha256') || CONSTANT.has(key)) continue;
    if (key === 'depth' && 'kept' in params) continue;
    const text = scalarText(value);
    if (
      !text ||
      (key === 'kv' && text === 'f16' && row.workload !== 'kv_quant') ||
      (key === 'tokens' && many)
    )
      continue;
    if (key === 'minutes') {
      if (isMain(row)) point += ` ${text} min`;
      continue;
    }
    const before = key === 'depth' ? '@' : key === 'sequences' ? 'x' : '';
    point +=
      ['tokens', 'kv', 'cache', 'store'].includes(key) || before
        ? ` ${before}${text}`
        : ` ${key} ${text}`;
  }
  return point;
}

function shortMetric(row: Row): string {
  let metric: string = row.metric;
  if (metric.startsWith(row.workload + '_')) metric = metric.slice(row.workload.length + 1);
  else if (metric.startsWith('kv_') && row.workload.startsWith('kv_')) metric = metric.slice(3);
  return metric.replace(/_(rate|time|per_token|onset)$/, '').replaceAll('_', ' ');
}

/** "decode @2048", "prefill 512 ttft". */
export function labelOf(row: Row): string {
  const label = row.workload + pointOf(row);
  return isMain(row) ? label : `${label} ${shortMetric(row)}`;
}

/** "91 % memory", "62 % int8". */
export function shareOfRoof(row: Row): string {
  if (!row.roofline) return '';
  const {bound, roof, fraction} = row.roofline;
  return `${percent(fraction)} ${bound === 'memory' ? 'memory' : roof.replace(/_peak$/, '').replaceAll('_', ' ')}`;
}

export function caveatOf(row: Row): string {
  if (row.status !== 'ok') return '';
  const parts = [];
  if (row.shape === 'slowdown') parts.push('slowed down while it was measured');
  if (row.shape === 'warmup') parts.push('was still getting faster');
  if (row.ci95 && row.converged === false) parts.push('the interval is wider than its target');
  const kept = row.outliers.length;
  if (kept > 0) parts.push(`${kept} outlier${kept === 1 ? '' : 's'} kept`);
  return parts.join('; ');
}
