// Phrases that several views share.
import type {Trust, Value} from '../data/entry';
import {numberIn, scaleFor} from '../data/quantity';

/** "41.1 – 41.4", in the scale of the median. */
export function intervalText(value: Value, unit: string): string {
  const scale = scaleFor(value.median, unit);
  return `${numberIn(value.lo, scale)} – ${numberIn(value.hi, scale)}`;
}

export function intervalTitle(value: Value, unit: string, results: number): string {
  const of = results > 1 ? `${results} results` : `${value.n} sample${value.n === 1 ? '' : 's'}`;
  const what =
    value.kind === 'ci95' ? '95 % interval of the median' : 'range, too few for an interval';
  return `${intervalText(value, unit)} (${what}; ${of})`;
}

export const BACKENDS: Readonly<Record<string, string>> = {
  cpu: 'CPU',
  vulkan: 'Vulkan',
  opencl: 'OpenCL',
};

export function backendName(backend: string): string {
  return BACKENDS[backend] ?? backend;
}

export const TRUST_HELP: Readonly<Record<Trust, string>> = {
  'self-reported': 'One or two keys say so; the checks found nothing wrong.',
  corroborated: 'Results of at least three keys lie within 10 % of each other.',
  reproduced: "A maintainer's key has a result within 10 %.",
};

const NAMES: Readonly<Record<string, string>> = {
  'smollm2-135m': 'SmolLM2 135M',
  'llama-3.2-1b': 'Llama 3.2 1B',
  'llama-3.2-3b': 'Llama 3.2 3B',
  'llama-3.1-8b': 'Llama 3.1 8B',
  'qwen3-30b-a3b': 'Qwen3 30B A3B',
};

export function modelName(model: string): string {
  return NAMES[model] ?? (model || 'no model');
}

export function quantName(quant: string): string {
  return quant.toUpperCase();
}

/** "Debian 12" of "Debian GNU/Linux 12 (bookworm)": what tells systems apart. */
export function shortSystem(os: string): string {
  return os.replace(/ GNU\/Linux\b| \([^()]*\)| LTS\b/g, '');
}

/** "CPU · avx2" of cpu:avx2; "Vulkan" of vulkan:0. */
export function deviceName(backend: string, device: string): string {
  const detail = device.includes(':') ? device.slice(device.indexOf(':') + 1) : device;
  return /^\d*$/.test(detail) || detail === backend
    ? backendName(backend)
    : `${backendName(backend)} ${detail}`;
}
