// Decode against depth, the sustained rate, and what caches do: curves of one device.
import type {CacheCurve, DepthCurve, SeenCache, Sustained} from '../data/curves';
import {binaryBytes, percent, quantity} from '../data/quantity';
import {curve, type CurveSeries} from '../ui/curve';
import {figure} from '../ui/figure';

export function depthSeries(depth: DepthCurve, label: string, color: string): CurveSeries[] {
  const points = depth.points.map((point) => [point.depth, point.rate] as const);
  const series: CurveSeries[] = [
    {
      label,
      color,
      points,
      style: 'dots',
      band: depth.points.map((point) => [point.depth, point.lo, point.hi]),
    },
  ];
  const last = points[points.length - 1]?.[0] ?? 0;
  const fit = depth.fit;
  if (fit && last > 0) {
    const steps = Array.from({length: 61}, (_, i) => (last * i) / 60);
    series.push({
      label: label === 'measured' ? 'line through their times' : `${label}, line`,
      color,
      style: 'dashed',
      points: steps
        .map((at) => [at, 1 / (fit.a + fit.b * at)] as const)
        .filter(([, y]) => y > 0 && Number.isFinite(y)),
    });
  }
  return series;
}

export function depthFigure(depth: DepthCurve): HTMLElement | null {
  if (depth.points.length < 2) return null;
  const {fit} = depth;
  const last = depth.points[depth.points.length - 1]!;
  const says = fit
    ? `A token takes ${quantity(fit.a, 's')} and ${quantity(fit.b * 1000, 's')} more for every 1,000 cached tokens` +
      (fit.r2 !== null
        ? ` (R² ${fit.r2.toFixed(3)})`
        : fit.measured
          ? ''
          : `, by the line through ${depth.points.length} depths`) +
      '.'
    : '';
  const plot = curve({
    description: `Decode rate against cached tokens: ${depth.points.map((point) => `${point.depth}: ${quantity(point.rate, 'tok/s')}`).join('; ')}. ${says}`,
    xName: 'tokens in the cache',
    yName: 'tok/s',
    yZero: true,
    xText: (value) => value.toLocaleString('en'),
    yText: (value) => Number(value.toPrecision(3)).toLocaleString('en'),
    series: depthSeries(depth, 'measured', '--c1'),
  });
  return figure(
    'Decode against depth',
    plot,
    [
      says,
      ` At ${last.depth.toLocaleString('en')} tokens ${percent(last.rate / depth.points[0]!.rate)} of the rate is left.`,
    ],
    {
      head: ['cached tokens', 'tok/s', '95 % interval'],
      rows: depth.points.map((point) => [
        point.depth.toLocaleString('en'),
        point.rate.toPrecision(4),
        `${point.lo.toPrecision(4)} – ${point.hi.toPrecision(4)}`,
      ]),
    },
  );
}

export function sustainedFigure(sustained: Sustained | null): HTMLElement | null {
  if (!sustained) return null;
  const {rates, ratio, onset} = sustained;
  const minutes = rates.length / 60;
  const says =
    onset !== null
      ? `Throttles after ${quantity(onset, 's')}`
      : `No throttling in ${minutes.toFixed(1).replace('.0', '')} minutes`;
  const plot = curve({
    description: `Tokens in each of ${rates.length} seconds of decoding. ${says}.`,
    xName: 'seconds of decoding',
    yName: 'tok/s',
    yZero: true,
    xText: (value) => `${value} s`,
    yText: (value) => Number(value.toPrecision(3)).toLocaleString('en'),
    series: [
      {
        label: '',
        color: '--c1',
        style: 'step',
        points: rates.map((rate, i) => [i + 1, rate] as const),
      },
    ],
    ...(onset !== null ? {marks: [{x: onset, label: 'throttles', color: '--c2'}]} : {}),
  });
  return figure(
    'Sustained',
    plot,
    `${says}${ratio !== null ? `; the last minute runs at ${percent(ratio)} of the first` : ''}.`,
    {
      head: ['minute', 'median tok/s'],
      rows: Array.from({length: Math.ceil(minutes)}, (_, i) => {
        const part = rates.slice(i * 60, (i + 1) * 60).sort((a, b) => a - b);
        return [String(i + 1), (part[part.length >> 1] ?? 0).toPrecision(4)];
      }),
    },
  );
}

export function cacheFigures(
  curves: readonly CacheCurve[],
  caches: readonly SeenCache[],
): HTMLElement[] {
  const marks = caches.map((cache) => ({x: cache.bytes, label: `L${cache.level}`}));
  const seen = caches
    .map(
      (cache) =>
        `L${cache.level} ends at ${binaryBytes(cache.bytes)}` +
        (cache.described !== null && cache.described !== cache.bytes
          ? ` (described: ${binaryBytes(cache.described)})`
          : '') +
        (cache.latency !== null ? `, ${quantity(cache.latency, 's')}` : ''),
    )
    .join('; ');
  const kinds = [
    [
      'cache_bandwidth',
      'Read bandwidth by working set',
      'B/s',
      'Every thread reads its own working set again and again.',
    ],
    [
      'access_latency',
      'Access latency by working set',
      's',
      'Each load needs the address that the one before it gave.',
    ],
  ] as const;
  return kinds.flatMap(([metric, title, unit, says]) => {
    const of = curves.filter((each) => each.metric === metric);
    if (of.length === 0) return [];
    const colors = ['--c1', '--c2', '--c3', '--c4', '--c5', '--c6'];
    const plot = curve({
      description: `${title}: ${of.map((each) => `${binaryBytes(each.points[0]!.bytes)} ${quantity(each.points[0]!.value, unit)} to ${binaryBytes(each.points[each.points.length - 1]!.bytes)} ${quantity(each.points[each.points.length - 1]!.value, unit)}`).join('; ')}.`,
      xLog: 2,
      yLog: true,
      xName: metric === 'cache_bandwidth' ? 'bytes of each thread' : 'bytes',
      yName: '',
      xText: binaryBytes,
      yText: (value) => quantity(value, unit).replace(/\.0+ /, ' '),
      xTicks: [2 ** 12, 2 ** 15, 2 ** 18, 2 ** 21, 2 ** 24, 2 ** 27, 2 ** 30],
      marks,
      series: of.map((each, i) => ({
        label:
          of.length > 1
            ? `${each.device}, ${each.threads} thread${each.threads === 1 ? '' : 's'}`
            : '',
        color: colors[i % colors.length]!,
        points: each.points.map((point) => [point.bytes, point.value] as const),
      })),
    });
    return [
      figure(
        title,
        plot,
        [
          says,
          metric === 'access_latency' && seen
            ? ` Dashed, where software sees a cache end: ${seen}.`
            : '',
        ],
        {
          head: ['bytes', ...of.map((each) => each.device)],
          rows: (of[0]?.points ?? []).map((point) => [
            binaryBytes(point.bytes),
            ...of.map((each) => {
              const hit = each.points.find((other) => other.bytes === point.bytes);
              return hit ? quantity(hit.value, unit) : '–';
            }),
          ]),
        },
      ),
    ];
  });
}
