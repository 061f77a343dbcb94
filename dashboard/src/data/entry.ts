// What a result says of one device on one model: the unit of the leaderboard.
import {TIERS} from '../generated/tiers';
import {at, listAt, numberAt, textAt} from './json';
import {COLUMNS, columnIndex, tierOf} from './metrics';
import type {ResultFile, Row} from './result';

/** A median with what it may be off by. `kind`: the 95 % interval, or the range of too few samples. */
export interface Value {
  readonly median: number;
  readonly lo: number;
  readonly hi: number;
  readonly n: number;
  readonly kind: 'ci95' | 'range';
}

export type Trust = 'self-reported' | 'corroborated' | 'reproduced';

export interface Entry {
  readonly result: string; // id of the result file
  readonly group: string; // same machine, device, model and quant: results of one are medians together
  readonly machine: string; // "ThinkPad X1", or the processor's name
  readonly slug: string;
  readonly hardware: string; // what computed: the processor's or the GPU's name
  readonly class: string;
  readonly os: string;
  readonly memory: number; // bytes of the machine, 0 unknown
  readonly backend: string;
  readonly device: string;
  readonly software: boolean;
  readonly threads: number;
  readonly model: string;
  readonly quant: string;
  readonly modelBytes: number;
  readonly tier: string;
  readonly date: string; // day, or empty
  readonly preset: string;
  readonly publisher: string;
  readonly trust: Trust;
  readonly flag: '' | 'note' | 'error'; // what maintainers have remarked
  readonly remark: string;
  readonly bound: string;
  readonly conforms: boolean | null;
  readonly warnings: number;
  readonly values: readonly (Value | null)[]; // in the order of COLUMNS
}

export function slugOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/\((r|tm|c)\)/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64);
}

/** Name of the machine: what its maker calls it, else its chip, else its processor. */
export function machineName(result: ResultFile): string {
  return (
    textAt(result.device, 'os', 'machine') ||
    textAt(result.device, 'cpu', 'soc') ||
    textAt(result.device, 'cpu', 'name') ||
    'unknown device'
  );
}

/** What computed: of "vulkan:1" the second GPU that Vulkan sees, else the processor. */
export function hardwareName(result: ResultFile, backend: string, device: string): string {
  const processor =
    textAt(result.device, 'cpu', 'name') ||
    textAt(result.device, 'cpu', 'soc') ||
    'unknown processor';
  if (backend !== 'vulkan' && backend !== 'opencl') return processor;
  const gpus = listAt(result.device, 'gpus');
  const seen = gpus.filter((gpu) => listAt(gpu, backend).length > 0);
  const number = /:(\d+)$/.exec(device);
  const gpu = seen[number ? Number(number[1]) : 0] ?? seen[0] ?? gpus[0];
  return textAt(gpu, 'name') || device;
}

export function valueOf(row: Row): Value | null {
  if (row.status !== 'ok' || row.median === null) return null;
  const samples = row.samples;
  const n = row.n ?? samples.length;
  if (row.ci95) return {median: row.median, lo: row.ci95[0], hi: row.ci95[1], n, kind: 'ci95'};
  let lo = row.median;
  let hi = row.median;
  for (const sample of samples) {
    lo = Math.min(lo, sample);
    hi = Math.max(hi, sample);
  }
  return {median: row.median, lo, hi, n, kind: 'range'};
}

function scoreOf(model: string, quant: string, values: readonly (Value | null)[]): Value | null {
  const reference = TIERS.find((tier) => tier.model === model && tier.quant === quant)?.reference;
  if (!reference) return null;
  const parts: readonly [string, number][] = [
    ['prefill_512', reference.prefill_512],
    ['decode_0', reference.decode_0],
    ['decode_2048', reference.decode_2048],
  ];
  let median = 0;
  let lo = 0;
  let hi = 0;
  let n = Infinity;
  for (const [id, rate] of parts) {
    const value = values[columnIndex(id)];
    if (!value || !(value.lo > 0)) return null;
    median += Math.log(value.median / rate) / 3;
    lo += Math.log(value.lo / rate) / 3;
    hi += Math.log(value.hi / rate) / 3;
    n = Math.min(n, value.n);
  }
  return {
    median: 1000 * Math.exp(median),
    lo: 1000 * Math.exp(lo),
    hi: 1000 * Math.exp(hi),
    n,
    kind: 'range',
  };
}

/** Best reading of a roof over the run, and the least: roofs of shared machines drift. */
export function ceilingOf(result: ResultFile, metric: string, device: string): Value | null {
  const values = result.ceilings
    .filter(
      (ceiling) => ceiling.metric === metric && ceiling.device === device && ceiling.value > 0,
    )
    .map((ceiling) => ceiling.value)
    .sort((a, b) => a - b);
  if (values.length === 0) return null;
  const middle = (values[(values.length - 1) >> 1]! + values[values.length >> 1]!) / 2;
  return {
    median: middle,
    lo: values[0]!,
    hi: values[values.length - 1]!,
    n: values.length,
    kind: 'range',
  };
}

/** Rows of one device on one model. */
export function subjectsOf(result: ResultFile): Row[][] {
  const subjects = new Map<string, Row[]>();
  for (const row of result.records) {
    const key = [row.device, row.model?.name ?? '', row.model?.quant ?? ''].join('\n');
    const rows = subjects.get(key);
    if (rows) rows.push(row);
    else subjects.set(key, [row]);
  }
  return [...subjects.values()];
}

function valuesOf(result: ResultFile, rows: readonly Row[]): (Value | null)[] {
  const values: (Value | null)[] = COLUMNS.map((column) => {
    const row = rows.find((candidate) => candidate.status === 'ok' && column.matches(candidate));
    return row ? valueOf(row) : null;
  });
  const decode = rows.find((row) => row.status === 'ok' && COLUMNS[0]!.matches(row));
  const share = decode?.roofline?.fraction;
  const rate = values[0];
  values[columnIndex('roof')] =
    share !== undefined && rate && rate.median > 0
      ? {
          ...rate,
          median: share,
          lo: (share * rate.lo) / rate.median,
          hi: (share * rate.hi) / rate.median,
        }
      : null;
  values[columnIndex('bandwidth')] = ceilingOf(result, 'read_bandwidth', rows[0]?.device ?? '');
  values[columnIndex('score')] = scoreOf(
    rows[0]?.model?.name ?? '',
    rows[0]?.model?.quant ?? '',
    values,
  );
  return values;
}

/** One entry for each device and model of a result; `id` names its file. Trust and remarks are the archive's to say. */
export function entriesOf(result: ResultFile, id: string): Entry[] {
  const machine = machineName(result);
  const cores = numberAt(result.device, 'cpu', 'cores');
  const memory = numberAt(result.device, 'memory', 'total_bytes') ?? 0;
  const chip = textAt(result.device, 'cpu', 'name');
  const slug =
    slugOf(
      [
        machine,
        chip === machine ? '' : chip,
        cores ? `${cores}c` : '',
        memory ? `${Math.max(1, Math.round(memory / 2 ** 30))}g` : '',
      ]
        .filter(Boolean)
        .join(' '),
    ) || 'device';
  return subjectsOf(result).map((rows) => {
    const first = rows[0]!;
    const model = first.model?.name ?? '';
    const quant = first.model?.quant ?? '';
    const checked = rows.find((row) => row.conformance !== null)?.conformance;
    return {
      result: id,
      group: [slug, first.device, model, quant].map((part) => part.replace(/[|,]/g, '_')).join('|'),
      machine,
      slug,
      hardware: hardwareName(result, first.backend, first.device),
      class: textAt(result.device, 'class') || 'unknown',
      os: textAt(result.device, 'os', 'name') || textAt(result.device, 'os', 'family'),
      memory,
      backend: first.backend,
      device: first.device,
      software: rows.some((row) => row.software),
      threads: first.threads,
      model,
      quant,
      modelBytes: first.model?.bytes ?? 0,
      tier: tierOf(model, quant),
      date: (result.run.started_at ?? '').slice(0, 10),
      preset: result.run.preset ?? '',
      publisher: textAt(at(result.run, 'publisher'), 'public_key'),
      trust: 'self-reported',
      flag: '',
      remark: '',
      bound:
        rows.find((row) => row.status === 'ok' && row.metric === 'decode_rate' && row.roofline)
          ?.roofline?.bound ?? '',
      conforms: checked ? checked.pass : null,
      warnings: result.warnings.length,
      values: valuesOf(result, rows),
    };
  });
}

/** Whether anything was measured that can be shown beside others. */
export function hasNumbers(entry: Entry): boolean {
  return entry.values.some((value) => value !== null);
}
