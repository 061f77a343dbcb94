// Invented profiles of a result's devices, as `run --profile` adds them: Llama 3.2 1B in parts.
import type {Profile, ResultFile} from '../src/data/result';

/** Of one layer: ops, kernel, inputs and outputs of its matrix (0 where it has none), how many there are. */
const PARTS: readonly (readonly [string, string, number, number, number])[] = [
  ['2 matmul q4_k 2048x8192', 'gemv_q4_k', 2048, 2 * 8192, 16],
  ['matmul q6_k 8192x2048', 'gemv_q6_k', 8192, 2048, 16],
  ['matmul q6_k 2048x128256', 'gemv_q6_k', 2048, 128256, 1],
  ['matmul q4_k 2048x2048', 'gemv_q4_k', 2048, 2048, 32],
  ['2 matmul q4_k 2048x512', 'gemv_q4_k', 2048, 2 * 512, 16],
  ['attention f16', 'attention', 0, 0, 16],
  ['rms_norm', 'norm', 0, 0, 33],
  ['2 rope + kv_append', 'rope', 0, 0, 16],
  ['gated_mul', 'gate', 0, 0, 16],
  ['embed q6_k', 'embed', 0, 0, 1],
];

function profileOf(result: ResultFile, device: string, tokens: number, depth: number): Profile {
  const row = result.records.find((each) => each.device === device)!;
  const roof = (metric: string): number =>
    result.ceilings.find((each) => each.device === device && each.metric === metric)?.value ?? 1e10;
  const parts = PARTS.map(([ops, kernel, inputs, outputs, count]) => {
    const weights = inputs * outputs * count;
    const cache = ops.startsWith('attention') ? 2 * 2 * 512 * count * (depth + tokens) : 0;
    const bytes = weights * 0.57 + cache + 8192 * count * tokens;
    const flops = tokens * (2 * weights + 4096 * count + cache * 4);
    const least = Math.max(bytes / roof('read_bandwidth'), flops / roof('int8_peak'));
    return {ops, kernel, count, device_s: least / (weights > 0 ? 0.84 : 0.3), bytes, flops};
  }).sort((a, b) => b.device_s - a.device_s);
  return {
    model: row.model!.name,
    quant: row.model!.quant,
    backend: row.backend,
    device,
    params: {tokens, depth},
    step_s: parts.reduce((sum, part) => sum + part.device_s, 0) * 0.94,
    host_s: 45e-6,
    reason: null,
    parts,
  };
}

/** The result with profiles of each of its devices. */
export function withProfiles(result: ResultFile): ResultFile {
  const devices = [...new Set(result.records.map((row) => row.device))];
  const steps = [
    [1, 0],
    [1, 2048],
    [512, 0],
  ] as const;
  return {
    ...result,
    profiles: devices.flatMap((device) =>
      steps.map(([tokens, depth]) => profileOf(result, device, tokens, depth)),
    ),
  };
}
