// Numbers for people: scaled to a unit that reads well, thousands grouped, digits that mean something.

export interface Scale {
  readonly factor: number;
  readonly decimals: number;
  readonly unit: string;
}

const BIG: readonly [number, string][] = [
  [1e-12, 'T'],
  [1e-9, 'G'],
  [1e-6, 'M'],
  [1e-3, 'k'],
  [1, ''],
];
const SMALL: readonly [number, string][] = [
  [1, ''],
  [1e3, 'm'],
  [1e6, 'µ'],
  [1e9, 'n'],
];
const BIG_UNITS = new Set(['B', 'B/s', 'flop/s', 'op/s', 'Hz']);
const NAMES: Readonly<Record<string, string>> = {'1': '', 'flop/s': 'FLOP/s', 'op/s': 'OP/s'};

function decimalsFor(shown: number): number {
  const size = Math.abs(shown);
  if (size >= 100) return 0;
  if (size >= 10) return 1;
  return 2;
}

/** The scale in which a value of this unit reads well; three digits or so. */
export function scaleFor(value: number, unit: string): Scale {
  const size = Math.abs(value);
  const base = NAMES[unit] ?? unit;
  const prefixes =
    (unit === 's' || unit === 's/tok') && size < 1 ? SMALL : BIG_UNITS.has(unit) ? BIG : [];
  let factor = 1;
  let name = base;
  if (size > 0) {
    for (const [i, [scale, prefix]] of prefixes.entries()) {
      if (size * scale < 1 && i + 1 < prefixes.length) continue;
      factor = scale;
      name = prefix + base;
      break;
    }
  }
  const whole = unit === '1' && Number.isInteger(value);
  return {factor, decimals: whole ? 0 : decimalsFor(value * factor), unit: name};
}

/** The value in that scale, without its unit. */
export function numberIn(value: number, scale: Scale): string {
  const shown = value * scale.factor;
  const size = Math.abs(shown);
  if (size > 0 && size < 0.01) return shown.toExponential(1);
  const [whole = '0', decimals] = size.toFixed(scale.decimals).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return (value < 0 ? '−' : '') + grouped + (decimals ? '.' + decimals : '');
}

/** "41.3 tok/s", "12.4 ms", "36.1 GB/s". */
export function quantity(value: number, unit: string): string {
  const scale = scaleFor(value, unit);
  return scale.unit ? `${numberIn(value, scale)} ${scale.unit}` : numberIn(value, scale);
}

export function percent(fraction: number): string {
  return `${(fraction * 100).toFixed(0)} %`;
}

/** "1.42×". */
export function ratioText(ratio: number): string {
  return ratio >= 10 ? `${ratio.toFixed(1)}×` : `${ratio.toFixed(2)}×`;
}

/** Sizes of memories and caches, in powers of two: "23.5 GiB". */
export function binaryBytes(bytes: number): string {
  let shown = bytes;
  let unit = 'B';
  for (const next of ['KiB', 'MiB', 'GiB', 'TiB']) {
    if (shown < 1024) break;
    shown /= 1024;
    unit = next;
  }
  const digits = Number.isInteger(shown) || shown >= 100 ? 0 : 1;
  return `${shown.toFixed(digits)} ${unit}`;
}
