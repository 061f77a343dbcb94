// Machines that do not exist, of every class: what tests and the scale measurement are made of.
import type {Random} from './random';

export interface Machine {
  readonly name: string;
  readonly class: string;
  readonly cpu: string;
  readonly gpu: string | null;
  readonly gpuSoftware: boolean;
  readonly cores: number;
  readonly memory: number; // bytes
  readonly os: string;
  readonly isa: string;
  readonly bandwidth: number; // bytes/s that the processor reads
  readonly peak: number; // int8 operations/s
  readonly gpuBandwidth: number;
  readonly gpuPeak: number;
  readonly watts: number;
  readonly throttles: number; // share that is left when hot
}

const GIB = 2 ** 30;

interface Kind {
  readonly class: string;
  readonly name: readonly string[];
  readonly chip: readonly string[];
  readonly os: readonly string[];
  readonly isa: readonly string[];
  readonly bandwidth: readonly [number, number]; // GB/s
  readonly peak: readonly [number, number]; // Tera int8 operations/s
  readonly memory: readonly number[];
  readonly cores: readonly number[];
  readonly gpu: number; // how often there is one
  readonly watts: readonly [number, number];
}

const KINDS: readonly Kind[] = [
  {
    class: 'phone',
    name: ['Invented Phone'],
    chip: ['Sample Mobile G'],
    os: ['Android 15'],
    isa: ['neon_dotprod', 'neon_i8mm'],
    bandwidth: [18, 60],
    peak: [0.3, 2],
    memory: [6, 8, 12, 16],
    cores: [8],
    gpu: 0.6,
    watts: [3, 7],
  },
  {
    class: 'single-board',
    name: ['Invented Board'],
    chip: ['Sample SBC'],
    os: ['Debian GNU/Linux 12 (bookworm)'],
    isa: ['neon', 'neon_dotprod'],
    bandwidth: [4, 20],
    peak: [0.05, 0.4],
    memory: [2, 4, 8, 16],
    cores: [4, 8],
    gpu: 0.2,
    watts: [4, 12],
  },
  {
    class: 'laptop',
    name: ['Invented Laptop 13', 'Invented Laptop 14', 'Invented Laptop 16'],
    chip: ['Sample Mobile Ember', 'Sample Core Ultralight'],
    os: ['Ubuntu 24.04.2 LTS', 'Fedora Linux 42', 'Windows 11', 'Debian GNU/Linux 12 (bookworm)'],
    isa: ['avx2', 'avx_vnni', 'avx512_vnni'],
    bandwidth: [30, 120],
    peak: [1, 6],
    memory: [8, 16, 32, 64],
    cores: [4, 6, 8, 12],
    gpu: 0.8,
    watts: [15, 45],
  },
  {
    class: 'desktop',
    name: ['Invented Desktop'],
    chip: ['Sample Core Tower', 'Sample Mobile Ember X'],
    os: ['Ubuntu 24.04.2 LTS', 'Windows 11', 'Arch Linux'],
    isa: ['avx2', 'avx512_vnni'],
    bandwidth: [40, 95],
    peak: [2, 12],
    memory: [16, 32, 64, 128],
    cores: [6, 8, 12, 16],
    gpu: 0.9,
    watts: [65, 170],
  },
  {
    class: 'server',
    name: ['Invented Server'],
    chip: ['Sample Datacore'],
    os: ['Debian GNU/Linux 12 (bookworm)', 'Rocky Linux 9'],
    isa: ['avx512_vnni', 'avx512_bf16'],
    bandwidth: [120, 480],
    peak: [8, 60],
    memory: [64, 128, 256, 512],
    cores: [16, 32, 48, 64],
    gpu: 0.2,
    watts: [150, 400],
  },
  {
    class: 'virtual',
    name: [''],
    chip: ['Sample Datacore vCPU'],
    os: ['Debian GNU/Linux 12 (bookworm)'],
    isa: ['avx2', 'avx512_vnni'],
    bandwidth: [12, 40],
    peak: [0.5, 3],
    memory: [4, 8, 16, 32],
    cores: [2, 4, 8],
    gpu: 0,
    watts: [20, 60],
  },
];

export function machineOf(random: Random, number: number): Machine {
  const kind = KINDS[number % KINDS.length]!;
  const between = ([low, high]: readonly [number, number]): number =>
    low * Math.pow(high / low, random.next());
  const model = 100 + Math.floor(random.next() * 899);
  const cpu = `${random.pick(kind.chip)} ${model}`;
  const bandwidth = between(kind.bandwidth) * 1e9;
  const peak = between(kind.peak) * 1e12;
  const hasGpu = random.next() < kind.gpu;
  const discrete = kind.class === 'desktop' || (kind.class === 'laptop' && random.next() < 0.3);
  return {
    name: kind.name[0] ? `${random.pick(kind.name)} (${model})` : '',
    class: kind.class,
    cpu,
    gpu: hasGpu
      ? discrete
        ? `Sample Graphics RX ${model}`
        : `Sample Integrated ${model}`
      : kind.class === 'virtual'
        ? 'llvmpipe (sample)'
        : null,
    gpuSoftware: !hasGpu,
    cores: random.pick(kind.cores),
    memory: random.pick(kind.memory) * GIB,
    os: random.pick(kind.os),
    isa: random.pick(kind.isa),
    bandwidth,
    peak,
    gpuBandwidth: hasGpu ? bandwidth * (discrete ? 4 + random.next() * 10 : 0.9) : bandwidth * 0.2,
    gpuPeak: hasGpu ? peak * (discrete ? 8 : 2.5) : peak * 0.1,
    watts: between(kind.watts),
    throttles:
      kind.class === 'phone' || kind.class === 'laptop' || kind.class === 'single-board'
        ? 0.55 + 0.4 * random.next()
        : 0.97,
  };
}
