// Where the time of a step goes: the profiles of one device and model, in shares and against the roofs.
import {numberAt} from './json';
import type {Profile, ResultFile, Row} from './result';
import {roofsOf} from './roofline';

export interface Part {
  readonly ops: string;
  readonly kernel: string;
  readonly count: number;
  readonly seconds: number;
  readonly share: number; // of all parts together
  readonly bytes: number;
  readonly flops: number;
  /** How close it comes to what binds it; null where its ops are priced with another part, or no roof is known. */
  readonly roof: {readonly fraction: number; readonly bound: 'memory' | 'compute'} | null;
}

export interface Stage {
  readonly name: string;
  readonly tokens: number;
  readonly depth: number;
  readonly step_s: number; // of the whole step, as it is measured elsewhere
  readonly host_s: number | null; // what the host adds until it has the result
  readonly sum_s: number; // of its parts, which ran apart
  readonly parts: readonly Part[]; // longest first; the last may be many small ones
  readonly reason: string; // why there are none
}

const MOST = 8;

function nameOf(tokens: number, depth: number): string {
  if (tokens === 0) return 'Steps of this model';
  const after = depth > 0 ? ` after ${depth.toLocaleString('en')}` : '';
  return tokens === 1
    ? `Decode: one token${after || ', empty cache'}`
    : `Prefill: ${tokens.toLocaleString('en')} tokens${after || ', empty cache'}`;
}

// The longest parts, and all others as one.
function folded(parts: readonly Part[]): Part[] {
  const sorted = [...parts].sort((a, b) => b.seconds - a.seconds);
  if (sorted.length <= MOST) return sorted;
  const small = sorted.slice(MOST - 1);
  const sum = (of: (part: Part) => number): number =>
    small.reduce((total, part) => total + of(part), 0);
  return [
    ...sorted.slice(0, MOST - 1),
    {
      ops: `${small.length} kinds of smaller parts`,
      kernel: '',
      count: sum((part) => part.count),
      seconds: sum((part) => part.seconds),
      share: sum((part) => part.share),
      bytes: sum((part) => part.bytes),
      flops: sum((part) => part.flops),
      roof: null,
    },
  ];
}

function stageOf(profile: Profile, bandwidth: number, peak: number): Stage {
  const tokens = numberAt(profile.params, 'tokens') ?? 0;
  const depth = numberAt(profile.params, 'depth') ?? 0;
  const sum_s = profile.parts.reduce((sum, part) => sum + part.device_s, 0);
  const parts = profile.parts.map((part): Part => {
    const memory = bandwidth > 0 ? part.bytes / bandwidth : 0;
    const compute = peak > 0 ? part.flops / peak : 0;
    const least = Math.max(memory, compute);
    return {
      ops: part.ops,
      kernel: part.kernel,
      count: part.count,
      seconds: part.device_s,
      share: sum_s > 0 ? part.device_s / sum_s : 0,
      bytes: part.bytes,
      flops: part.flops,
      roof:
        least > 0 && part.device_s > 0
          ? {fraction: least / part.device_s, bound: memory >= compute ? 'memory' : 'compute'}
          : null,
    };
  });
  return {
    name: nameOf(tokens, depth),
    tokens,
    depth,
    step_s: profile.step_s ?? 0,
    host_s: profile.host_s ?? null,
    sum_s,
    parts: folded(parts),
    reason: profile.parts.length > 0 ? '' : (profile.reason ?? 'nothing was taken'),
  };
}

/** Prompts first, then tokens by depth. Parts are held against the read bandwidth of the device and the
 *  highest of its peaks, since a profile does not say which type multiplies. */
export function stagesOf(result: ResultFile, rows: readonly Row[]): Stage[] {
  const first = rows[0];
  if (!first) return [];
  const roofs = roofsOf(result).filter((roof) => roof.device === first.device);
  const best = (of: (metric: string) => boolean): number =>
    Math.max(0, ...roofs.filter((roof) => of(roof.metric)).map((roof) => roof.middle));
  const bandwidth = best((metric) => metric === 'read_bandwidth');
  const peak = best((metric) => metric.endsWith('_peak'));
  return (result.profiles ?? [])
    .filter(
      (profile) =>
        profile.device === first.device &&
        profile.model === (first.model?.name ?? '') &&
        profile.quant === (first.model?.quant ?? ''),
    )
    .map((profile) => stageOf(profile, bandwidth, peak))
    .sort((a, b) => b.tokens - a.tokens || a.depth - b.depth);
}
