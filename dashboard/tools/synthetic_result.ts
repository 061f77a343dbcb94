// One invented result in the format of real ones. Its numbers follow from invented bandwidths and peaks.
import type {ResultFile} from '../src/data/result';
import type {Random} from './random';
import type {Machine} from './synthetic_machines';
import {Writer, type Model, type Options, type Side} from './synthetic_rows';

export {MODELS} from './synthetic_rows';

function tokenTimes(w: Writer, depth: number, tokens: number, first: number): number[][] {
  if (!w.detail) return [];
  return Array.from({length: 7}, () => {
    let t = first;
    return Array.from({length: tokens}, (_, i) => {
      if (i > 0)
        t += w.random.about(w.tokenTime(depth + i), 0.012) * (w.random.next() < 0.01 ? 1.6 : 1);
      return t;
    });
  });
}

function writeMain(w: Writer): void {
  const active = w.tokenTime(0);
  for (const tokens of w.detail ? [128, 512, 2048] : [512, 2048]) {
    const seconds = w.prefillTime(tokens);
    const roofline = w.share(seconds / tokens, w.model.bytes / tokens, 2 * w.model.parameters);
    w.row('prefill', 'prefill_rate', {tokens, kv: 'f16'}, w.samples(tokens / seconds), {roofline});
    w.row('prefill', 'ttft', {tokens, kv: 'f16'}, w.samples(seconds + active * 0.05));
  }
  for (const depth of [0, 2048]) {
    const t = w.tokenTime(depth);
    const bytes =
      (w.model.name.includes('a3b') ? w.model.bytes / 10 : w.model.bytes) + depth * w.model.kvBytes;
    w.row('decode', 'decode_rate', {depth, tokens: 128, kv: 'f16'}, w.samples(1 / t), {
      roofline: w.share(t, bytes, 2 * w.model.parameters),
      token_times_s: tokenTimes(w, depth, 128, w.prefillTime(64)),
    });
    w.row('decode', 'itl_p50', {depth, tokens: 128, kv: 'f16'}, w.samples(t));
    w.row('decode', 'itl_p95', {depth, tokens: 128, kv: 'f16'}, w.samples(t * 1.05));
  }
  w.row('load', 'load_time', {cache: 'cold'}, w.samples(w.model.bytes / 1.5e9, 0.05));
  w.row('load', 'load_time', {cache: 'warm'}, w.samples(w.model.bytes / 9e9, 0.05));
  w.row(
    'voice',
    'first_clause_time',
    {system: 512, utterance: 64, answer: 96, kv: 'f16'},
    w.samples(w.prefillTime(64) + 15 * w.tokenTime(600)),
    {token_times_s: tokenTimes(w, 576, 96, w.prefillTime(64))},
  );
  w.row(
    'voice',
    'speech_headroom',
    {system: 512, utterance: 64, answer: 96, kv: 'f16'},
    w.samples(1 / w.tokenTime(600) / 3.5556),
  );
  w.row(
    'voice',
    'speech_stalls',
    {system: 512, utterance: 64, answer: 96, kv: 'f16'},
    w.samples(1, 0).map(() => (w.tokenTime(600) > 0.25 ? 3 : 0)),
  );
  w.row(
    'kv_reuse',
    'kv_reuse_speedup',
    {turn_1: 1024, turn_2: 64, kv: 'f16'},
    w.samples(w.prefillTime(1088) / w.prefillTime(64)),
  );
  if (w.side.backend === 'cpu' && w.machine.class !== 'virtual') {
    w.row(
      'decode',
      'energy_per_token',
      {
        depth: 0,
        tokens: 128,
        kv: 'f16',
        energy: {
          source: 'rapl-package',
          scope: 'processor package',
          idle_w: w.machine.watts * 0.12,
        },
      },
      w.samples(w.machine.watts * w.tokenTime(0), 0.02),
    );
  }
}

function writeLong(w: Writer): void {
  const depths = [0, 512, 1024, 2048, 4096, 8192];
  for (const depth of depths)
    w.row(
      'kv_sweep',
      'decode_rate',
      {depth, depths, tokens: 16, kv: 'f16'},
      w.samples(1 / w.tokenTime(depth), 0.006),
    );
  w.row('kv_sweep', 'kv_base_latency', {depths, tokens: 16, kv: 'f16'}, w.samples(w.tokenTime(0)));
  w.row(
    'kv_sweep',
    'kv_depth_cost',
    {depths, tokens: 16, kv: 'f16'},
    w.samples((w.tokenTime(8192) - w.tokenTime(0)) / 8192, 0.02),
  );
  w.row('kv_sweep', 'kv_fit_r2', {depths, tokens: 16, kv: 'f16'}, w.samples(0.998, 0.0005));
  for (const sequences of [1, 2, 4, 8, 16]) {
    const together = sequences / (w.tokenTime(0) * (1 + 0.07 * (sequences - 1)));
    w.row('batch', 'batch_rate', {sequences, tokens: 32, kv: 'f16'}, w.samples(together));
  }
  const onset = 140 + w.random.next() * 100;
  const rate = 1 / w.tokenTime(128);
  const perSecond = Array.from({length: 300}, (_, i) =>
    w.random.about(
      rate *
        (w.machine.throttles > 0.9 || i < onset
          ? 1
          : w.machine.throttles + (1 - w.machine.throttles) * Math.exp(-(i - onset) / 25)),
      0.012,
    ),
  );
  w.row('sustained', 'sustained_rate', {minutes: 5, window: 256, kv: 'f16'}, perSecond, {
    shape: w.machine.throttles > 0.9 ? 'flat' : 'slowdown',
  });
  w.row('sustained', 'sustained_ratio', {minutes: 5, window: 256, kv: 'f16'}, [
    w.machine.throttles > 0.9 ? 0.998 : w.machine.throttles + 0.01,
  ]);
  if (w.machine.throttles > 0.9)
    w.absentRow(
      'sustained',
      'throttle_onset',
      {minutes: 5, window: 256, kv: 'f16'},
      'unsupported',
      'the rate never fell below 95 % of its best level',
    );
  else w.row('sustained', 'throttle_onset', {minutes: 5, window: 256, kv: 'f16'}, [onset]);
  w.absentRow(
    'decode',
    'decode_rate',
    {depth: 8192, tokens: 128, kv: 'f16'},
    'skipped',
    "8320 positions are needed, but the model's context is 8192 tokens",
  );
}

function writeCeilings(w: Writer): void {
  for (const at of [4, 60, 118]) {
    w.ceiling('read_bandwidth', w.side.bandwidth * (1 - at / 4000), at, {
      bytes: 2 ** 28,
      streams: 8,
      page_bytes: 2 ** 21,
    });
    w.ceiling('int8_peak', w.side.peak, at);
    w.ceiling('fp32_peak', w.side.peak / 4, at);
  }
  if (!w.detail || w.side.backend !== 'cpu') return;
  w.ceiling('copy_bandwidth', w.side.bandwidth * 0.8, 5);
  w.ceiling('triad_bandwidth', w.side.bandwidth * 0.82, 5);
  w.ceiling('barrier_latency', 3e-7, 5);
  const levels: readonly [number, number, number][] = [
    [48 * 1024, 14, 1.2e-9],
    [1024 * 1024, 7, 4e-9],
    [16 * 2 ** 20, 3, 1.2e-8],
    [Infinity, 1, 9e-8],
  ];
  for (let bytes = 4096; bytes <= 2 ** 28; bytes *= 2) {
    const [, factor, latency] = levels.find(([size]) => bytes <= size)!;
    w.ceiling('cache_bandwidth', w.side.bandwidth * factor, 6, {bytes});
    w.ceiling('access_latency', latency, 6, {bytes}, 'host');
  }
  for (const [level, bytes] of [
    [1, 48 * 1024],
    [2, 1024 * 1024],
    [3, 16 * 2 ** 20],
  ] as const) {
    w.ceiling(
      'cache_size',
      bytes,
      6,
      {level, described_bytes: bytes, latency_s: levels[level - 1]![2]},
      'host',
    );
  }
}

export function syntheticResult(
  random: Random,
  machine: Machine,
  model: Model,
  options: Options,
): ResultFile {
  const sides: Side[] = [
    {
      backend: 'cpu',
      device: `cpu:${machine.isa}`,
      software: false,
      threads: machine.cores,
      bandwidth: machine.bandwidth,
      peak: machine.peak,
    },
  ];
  if (options.gpu && machine.gpu) {
    sides.push({
      backend: 'vulkan',
      device: 'vulkan:0',
      software: machine.gpuSoftware,
      threads: 0,
      bandwidth: machine.gpuBandwidth,
      peak: machine.gpuPeak,
    });
  }
  const sha = '5f'.repeat(32);
  const writers = sides.map((side) => {
    const w = new Writer(random, machine, model, side, options.detail, sha);
    writeMain(w);
    if (options.detail) writeLong(w);
    writeCeilings(w);
    return w;
  });
  return {
    schema: 'urn:inferometer:schema:result:1.0',
    schema_version: '1.0',
    kind: 'result',
    suite: '1.0',
    tool: {
      version: '0.1.0-invented',
      commit: '0'.repeat(40),
      dirty: false,
      compiler: 'GNU 12.2.0',
      flags: '-O3 -DNDEBUG',
      sha256: 'ab'.repeat(32),
    },
    run: {
      id: random.hex(32),
      started_at: `${options.date}T10:00:00Z`,
      preset: options.detail ? 'extended' : 'leaderboard',
      seed: 1,
      duration_s: 421.7,
      order: null,
      complete: true,
      publisher: {public_key: options.publisher},
    },
    device: {
      class: machine.class,
      cpu: {
        name: machine.cpu,
        vendor: 'Sample',
        cores: machine.cores,
        threads: machine.cores * 2,
        isa: [machine.isa],
      },
      memory: {total_bytes: machine.memory, type: 'LPDDR5'},
      gpus: machine.gpu
        ? [
            {
              name: machine.gpu,
              software: machine.gpuSoftware,
              vulkan: [{name: machine.gpu}],
              opencl: [],
            },
          ]
        : [],
      os: {
        name: machine.os,
        family: machine.os.startsWith('Windows') ? 'Windows' : 'Linux',
        architecture: 'x86_64',
        machine: machine.name || null,
      },
      power: {source: machine.class === 'phone' ? 'battery' : 'mains'},
      environment: {hypervisor: machine.class === 'virtual' ? 'kvm' : null},
    },
    ceilings: writers.flatMap((w) => w.ceilings),
    records: writers.flatMap((w) => w.records),
    scores: [],
    warnings:
      machine.class === 'virtual'
        ? [
            {
              id: 'virtual_machine',
              message: 'this is a virtual machine (kvm)',
              remedy: 'its neighbours share caches and memory; do not compare single runs',
            },
          ]
        : [],
  } as ResultFile;
}
