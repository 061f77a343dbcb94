// generate.mjs RESULTS FILE: made-up published results as `inferometer results export --ndjson`
// writes them, three rows each; the same numbers every time.
import {createWriteStream} from 'node:fs';
import {once} from 'node:events';

const [count, file] = [Number(process.argv[2]), process.argv[3]];
if (!(count > 0) || !file) {
  console.error('usage: generate.mjs RESULTS FILE');
  process.exit(2);
}

let state = 1;
function random() {  // mulberry32
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const below = (n) => Math.floor(random() * n);

const models = [['smollm2-135m', 'q8_0', 900], ['llama-3.2-1b', 'q4_k_m', 90], ['llama-3.1-8b', 'q4_k_m', 12]];
const points = [['decode', 'decode depth=0 kv=f16 tokens=128', 'decode_rate', 'tok/s', 'higher', 1],
  ['decode', 'decode depth=2048 kv=f16 tokens=128', 'decode_rate', 'tok/s', 'higher', 0.8],
  ['prefill', 'prefill kv=f16 tokens=512', 'ttft', 's', 'lower', 0.01]];
const classes = ['laptop', 'desktop', 'phone', 'single-board', 'server'];

const out = createWriteStream(file);
let buffer = '';
for (let i = 0; i < count; ++i) {
  const device = below(400);
  const [model, quant, rate] = models[below(models.length)];
  const key = below(Math.max(3, count / 20));
  const backend = device % 3 === 0 ? 'vulkan' : 'cpu';
  const month = String(1 + below(12)).padStart(2, '0');
  const flag = random() < 0.01 ? 'error' : random() < 0.01 ? 'note' : null;
  const id = i.toString(16).padStart(32, '0');
  for (const [workload, point, metric, unit, better, factor] of points) {
    const speed = rate * factor * (0.2 + device / 100) * (random() < 0.03 ? 1.5 : 0.96 + 0.08 * random());
    const median = metric === 'ttft' ? 1 / speed : speed;
    buffer += JSON.stringify({
      file: `2026/${month}/${id.slice(16)}.json`, run_id: id, started_at: `2026-${month}-04T10:00:00Z`,
      public_key: `RW${String(key).padStart(54, '0')}`, maintainer: key === 0, flag,
      flag_reason: flag && 'made up', tier: 'self-reported', class: classes[device % classes.length],
      hardware: `Made-up Hardware ${device}, "${device % 7}"`, machine: null, cpu: `Made-up CPU ${device}`,
      memory_bytes: 16e9, os: 'Debian GNU/Linux 12', hypervisor: 'none', backend,
      device: backend === 'cpu' ? 'cpu:avx2' : 'vulkan:0', software: device % 50 === 0, threads: 8, model, quant,
      workload, point, metric, unit, better, median, ci_low: median * 0.99, ci_high: median * 1.01, n: 12,
      converged: true, shape: 'flat', bound: 'memory', fraction: 0.7,
    }) + '\n';
  }
  if (buffer.length > 1 << 20) {
    if (!out.write(buffer)) await once(out, 'drain');
    buffer = '';
  }
}
out.end(buffer);
await once(out, 'finish');
