// Entries as columns: strings once each, numbers with the digits that they carry. The format of data files.
import type {Entry, Value} from './entry';
import {COLUMNS} from './metrics';

const TEXTS = [
  'result',
  'group',
  'machine',
  'slug',
  'hardware',
  'class',
  'os',
  'backend',
  'device',
  'model',
  'quant',
  'tier',
  'date',
  'preset',
  'publisher',
  'trust',
  'flag',
  'remark',
  'bound',
] as const;
type Text = (typeof TEXTS)[number];

export interface Table {
  readonly n: number;
  readonly strings: readonly string[];
  readonly text: Readonly<Record<Text, readonly number[]>>;
  readonly memory: readonly number[];
  readonly modelBytes: readonly number[];
  readonly threads: readonly number[];
  readonly warnings: readonly number[];
  readonly flags: readonly number[]; // 1 software, 2 conformance known, 4 conforms
  /** Of each of COLUMNS, by its id: medians; low and high; samples, negative where they are a range. */
  readonly values: Readonly<Record<string, Packed>>;
}

export interface Packed {
  readonly m: readonly (number | null)[];
  readonly l: readonly (number | null)[];
  readonly h: readonly (number | null)[];
  readonly n: readonly (number | null)[];
}

// Five digits: an interval of 0.1 % still shows.
function short(value: number): number {
  return Number(value.toPrecision(5));
}

export function pack(entries: readonly Entry[]): Table {
  const strings: string[] = [];
  const known = new Map<string, number>();
  const number = (text: string): number => {
    let index = known.get(text);
    if (index === undefined) {
      index = strings.push(text) - 1;
      known.set(text, index);
    }
    return index;
  };
  const text = Object.fromEntries(
    TEXTS.map((key) => [key, entries.map((entry) => number(entry[key]))]),
  ) as Record<Text, number[]>;
  const values: Record<string, Packed> = {};
  COLUMNS.forEach((column, i) => {
    const cells = entries.map((entry) => entry.values[i] ?? null);
    if (cells.every((cell) => cell === null)) return;
    values[column.id] = {
      m: cells.map((cell) => (cell ? short(cell.median) : null)),
      l: cells.map((cell) => (cell ? short(cell.lo) : null)),
      h: cells.map((cell) => (cell ? short(cell.hi) : null)),
      n: cells.map((cell) => (cell ? (cell.kind === 'ci95' ? cell.n : -cell.n) : null)),
    };
  });
  return {
    n: entries.length,
    strings,
    text,
    memory: entries.map((entry) => entry.memory),
    modelBytes: entries.map((entry) => entry.modelBytes),
    threads: entries.map((entry) => entry.threads),
    warnings: entries.map((entry) => entry.warnings),
    flags: entries.map(
      (entry) =>
        (entry.software ? 1 : 0) | (entry.conforms === null ? 0 : 2) | (entry.conforms ? 4 : 0),
    ),
    values,
  };
}

export function valueAt(table: Table, column: string, i: number): Value | null {
  const packed = table.values[column];
  const median = packed?.m[i];
  if (!packed || median === null || median === undefined) return null;
  const n = packed.n[i] ?? 0;
  return {
    median,
    lo: packed.l[i] ?? median,
    hi: packed.h[i] ?? median,
    n: Math.abs(n),
    kind: n > 0 ? 'ci95' : 'range',
  };
}

export function textOf(table: Table, key: Text, i: number): string {
  return table.strings[table.text[key][i] ?? -1] ?? '';
}

/** Entry i of a table, whole. */
export function entryAt(table: Table, i: number): Entry {
  const flags = table.flags[i] ?? 0;
  const texts = Object.fromEntries(TEXTS.map((key) => [key, textOf(table, key, i)])) as Record<
    Text,
    string
  >;
  return {
    ...texts,
    trust: texts.trust as Entry['trust'],
    flag: texts.flag as Entry['flag'],
    memory: table.memory[i] ?? 0,
    modelBytes: table.modelBytes[i] ?? 0,
    threads: table.threads[i] ?? 0,
    warnings: table.warnings[i] ?? 0,
    software: (flags & 1) !== 0,
    conforms: flags & 2 ? (flags & 4) !== 0 : null,
    values: COLUMNS.map((column) => valueAt(table, column.id, i)),
  };
}
