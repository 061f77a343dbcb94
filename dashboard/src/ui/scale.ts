// Axes: where a value lies, and which ticks read well.

export interface Axis {
  readonly log: boolean;
  readonly low: number;
  readonly high: number;
  readonly from: number; // pixel of low
  readonly to: number; // pixel of high
}

export function place(axis: Axis, value: number): number {
  const share = axis.log
    ? (Math.log(value) - Math.log(axis.low)) / (Math.log(axis.high) - Math.log(axis.low))
    : (value - axis.low) / (axis.high - axis.low);
  return axis.from + share * (axis.to - axis.from);
}

export function valueOfPlace(axis: Axis, pixel: number): number {
  const share = (pixel - axis.from) / (axis.to - axis.from);
  return axis.log
    ? axis.low * Math.pow(axis.high / axis.low, share)
    : axis.low + share * (axis.high - axis.low);
}

export function clampTo(axis: Axis, value: number): number {
  return Math.min(axis.high, Math.max(axis.low, value));
}

/** 1, 2 or 5 times a power of ten: about `count` of them in the span. */
export function niceStep(span: number, count = 5): number {
  const rough = span / count;
  const power = Math.pow(10, Math.floor(Math.log10(rough)));
  return ([1, 2, 5].find((multiple) => multiple * power >= rough * 0.999) ?? 10) * power;
}

export function linearTicks(low: number, high: number, count = 5): number[] {
  const step = niceStep(high - low, count);
  const ticks: number[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++)
    ticks.push(Number((i * step).toPrecision(12)));
  return ticks;
}

/** Powers of ten, with 2 and 5 between where there is room. */
export function logTicks(low: number, high: number, most = 8): number[] {
  for (const multiples of [[1, 2, 5], [1, 3], [1]]) {
    const ticks: number[] = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
      for (const multiple of multiples) {
        const tick = Number((multiple * Math.pow(10, power)).toPrecision(3));
        if (tick >= low * 0.999 && tick <= high * 1.001) ticks.push(tick);
      }
    }
    if (ticks.length <= most) return ticks;
    if (multiples.length === 1)
      return ticks.filter((_, i) => i % Math.ceil(ticks.length / most) === 0);
  }
  return [];
}

export function ticksOf(axis: Axis, count = 6): number[] {
  return axis.log
    ? logTicks(axis.low, axis.high, count + 2)
    : linearTicks(axis.low, axis.high, count);
}

/** An axis around values, with some air; a log axis only where all are positive. */
export function axisOf(
  values: readonly number[],
  log: boolean,
  from: number,
  to: number,
  air = 0.06,
): Axis {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (!(low <= high)) [low, high] = [log ? 1 : 0, log ? 10 : 1];
  if (log) {
    if (high / low < 1.5) [low, high] = [low / 1.4, high * 1.4];
    const grow = Math.pow(high / low, air);
    return {log, low: low / grow, high: high * grow, from, to};
  }
  const grow = (high - low || Math.abs(high) || 1) * air;
  return {log, low: low >= 0 && low - grow < 0 ? 0 : low - grow, high: high + grow, from, to};
}
