// The front: points that no other beats in both directions.

export interface Direction {
  readonly x: 'higher' | 'lower';
  readonly y: 'higher' | 'lower';
}

/** Indices of the front, by x. Of equal points the first stays. */
export function paretoFront(
  xs: readonly number[],
  ys: readonly number[],
  better: Direction,
): number[] {
  const sx = better.x === 'higher' ? -1 : 1;
  const sy = better.y === 'higher' ? -1 : 1;
  const order = xs
    .map((_, i) => i)
    .sort((a, b) => sx * (xs[a]! - xs[b]!) || sy * (ys[a]! - ys[b]!) || a - b);
  const front: number[] = [];
  let best = Infinity;
  for (const i of order) {
    const y = sy * ys[i]!;
    if (y < best) {
      best = y;
      front.push(i);
    }
  }
  return front.sort((a, b) => xs[a]! - xs[b]!);
}
