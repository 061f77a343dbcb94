// What the device and the run are, and the command that repeats it.
import {at, listAt, numberAt, scalarText, textAt} from '../data/json';
import {binaryBytes, quantity} from '../data/quantity';
import type {ResultFile} from '../data/result';
import {h} from '../ui/h';

function cachesText(result: ResultFile): string {
  return listAt(result.device, 'cpu', 'caches')
    .filter((cache) => textAt(cache, 'type') !== 'instruction')
    .map((cache) => {
      const size = numberAt(cache, 'size_bytes');
      const count = numberAt(cache, 'count') ?? 1;
      return size
        ? `L${numberAt(cache, 'level') ?? '?'} ${count > 1 ? `${count} × ` : ''}${binaryBytes(size)}`
        : '';
    })
    .filter(Boolean)
    .join(', ');
}

function kindsText(result: ResultFile): string {
  const kinds = listAt(result.device, 'cpu', 'kinds');
  if (kinds.length < 2) return '';
  return kinds
    .map((kind) =>
      [
        numberAt(kind, 'cores') ?? '',
        textAt(kind, 'design') || textAt(kind, 'name'),
        numberAt(kind, 'max_clock_hz')
          ? `to ${quantity(numberAt(kind, 'max_clock_hz')!, 'Hz')}`
          : '',
      ]
        .filter(Boolean)
        .join(' '),
    )
    .join(' + ');
}

/** Facts by name; what is unknown is left out. */
export function factsOf(result: ResultFile): [string, string][] {
  const d = result.device;
  const cores = numberAt(d, 'cpu', 'cores');
  const threads = numberAt(d, 'cpu', 'threads');
  const memory = numberAt(d, 'memory', 'total_bytes');
  const rate = numberAt(d, 'memory', 'transfer_rate');
  const gpus = listAt(d, 'gpus').map(
    (gpu) =>
      `${textAt(gpu, 'name') || 'unnamed'}${at(gpu, 'software') === true ? ' (software renderer)' : ''}` +
      (numberAt(gpu, 'memory_bytes') ? `, ${binaryBytes(numberAt(gpu, 'memory_bytes')!)}` : ''),
  );
  const commit = textAt(result.tool, 'commit');
  const facts: [string, string][] = [
    ['Machine', textAt(d, 'os', 'machine')],
    ['Class', textAt(d, 'class')],
    [
      'Processor',
      [textAt(d, 'cpu', 'name'), textAt(d, 'cpu', 'microarchitecture')].filter(Boolean).join(', '),
    ],
    ['Chip', textAt(d, 'cpu', 'soc')],
    [
      'Cores',
      cores === null
        ? ''
        : `${cores}${threads !== null && threads !== cores ? ` (${threads} threads)` : ''}${kindsText(result) ? `: ${kindsText(result)}` : ''}`,
    ],
    ['Caches', cachesText(result)],
    [
      'Memory',
      [
        memory ? binaryBytes(memory) : '',
        textAt(d, 'memory', 'type'),
        rate ? `${Math.round(rate / 1e6).toLocaleString('en')} MT/s` : '',
      ]
        .filter(Boolean)
        .join(', '),
    ],
    ['Graphics', gpus.join('; ')],
    ['System', [textAt(d, 'os', 'name'), textAt(d, 'os', 'kernel')].filter(Boolean).join(', ')],
    [
      'Power',
      [textAt(d, 'power', 'source'), textAt(d, 'power', 'profile')].filter(Boolean).join(', '),
    ],
    [
      'Environment',
      [
        textAt(d, 'environment', 'hypervisor') &&
          `virtual machine (${textAt(d, 'environment', 'hypervisor')})`,
        textAt(d, 'environment', 'container') &&
          `container (${textAt(d, 'environment', 'container')})`,
      ]
        .filter(Boolean)
        .join(', '),
    ],
    [
      'Tool',
      `${textAt(result.tool, 'engine') || 'Inferometer'} ${textAt(result.tool, 'version')}${commit ? ` (${commit.slice(0, 10)}${result.tool.dirty ? ', modified' : ''})` : ''}`,
    ],
    [
      'Build',
      [textAt(result.tool, 'compiler'), textAt(result.tool, 'flags')].filter(Boolean).join(', '),
    ],
    [
      'Run',
      [
        `suite ${result.suite}`,
        result.run.preset && `preset ${result.run.preset}`,
        result.run.seed !== null && `seed ${result.run.seed}`,
        result.run.started_at,
        result.run.duration_s !== null && `${Math.round(result.run.duration_s)} s`,
      ]
        .filter(Boolean)
        .join(', '),
    ],
  ];
  const models = new Set<string>();
  for (const row of result.records) {
    if (!row.model || models.has(row.model.name + row.model.quant)) continue;
    models.add(row.model.name + row.model.quant);
    facts.push([
      'Model',
      `${row.model.name} ${row.model.quant}, ${quantity(row.model.bytes, 'B')}, SHA-256 ${row.model.sha256 ?? 'not taken'}`,
    ]);
  }
  return facts.filter(([, text]) => text.trim() !== '');
}

export function factList(result: ResultFile): HTMLElement {
  return h(
    'dl',
    {class: 'facts'},
    factsOf(result).map(([name, text]) => [h('dt', {}, name), h('dd', {}, text)]),
  );
}

function quoted(word: string): string {
  return /^[\w.:,/+=@%-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** The command that measures the same again. */
export function repeatCommand(result: ResultFile): string {
  const engine = textAt(result.tool, 'engine');
  if (engine) return `# imported: the file does not hold the command line of ${engine}`;
  const preset = result.run.preset ?? '';
  if (preset.startsWith('ceilings'))
    return `inferometer ceilings${preset === 'ceilings-full' ? ' --full' : ''}`;
  const models = [...new Set(result.records.flatMap((row) => (row.model ? [row.model.name] : [])))];
  const quants = [
    ...new Set(result.records.flatMap((row) => (row.model ? [row.model.quant] : []))),
  ];
  const devices = [...new Set(result.records.map((row) => row.device))];
  const threads = Math.max(0, ...result.records.map((row) => row.threads));
  const budget = numberAt(result.run, 'time_budget_s');
  const words = [
    'inferometer',
    'run',
    ...(preset ? ['--preset', preset] : []),
    ...models.flatMap((model) => ['--model', model]),
    ...(quants.length === 1 ? ['--quant', quants[0]!] : []),
    ...devices.flatMap((device) => ['--device', device]),
    ...(threads > 0 ? ['--threads', String(threads)] : []),
    ...(budget !== null ? ['--time-budget', scalarText(budget)] : []),
    ...(result.run.seed !== null ? ['--seed', String(result.run.seed)] : []),
  ];
  return words.map(quoted).join(' ');
}
