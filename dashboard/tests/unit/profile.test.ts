// Profiles: which are shown, in what order, in which shares and against which roof.
import {describe, expect, test} from 'vitest';
import {subjectsOf} from '../../src/data/entry';
import {stagesOf} from '../../src/data/profile';
import {openText, type Profile, type ResultFile} from '../../src/data/result';
import {withProfiles} from '../../tools/synthetic_profile';
import {invented, sample} from './samples';

const result = withProfiles(invented());
const [cpu = [], gpu = []] = subjectsOf(result);

const part = (ops: string, device_s: number, bytes: number, flops = 0) => ({
  ops,
  kernel: 'k',
  count: 1,
  device_s,
  bytes,
  flops,
});

// The first subject with these profiles and these roofs.
function made(change: Partial<Profile>, roofs: Readonly<Record<string, number>> = {}): ResultFile {
  const first = cpu[0]!;
  const ceiling = result.ceilings.find((each) => each.device === first.device)!;
  return {
    ...result,
    ceilings: Object.entries(roofs).map(
      ([metric, value]) => ({...ceiling, metric, value}) as never,
    ),
    profiles: [
      {
        model: first.model!.name,
        quant: first.model!.quant,
        backend: first.backend,
        device: first.device,
        params: {tokens: 1, depth: 0},
        step_s: 1,
        host_s: 0.00004,
        reason: null,
        parts: [],
        ...change,
      },
    ],
  };
}

describe('profiles', () => {
  test('are what the schema allows', () => {
    expect(openText(JSON.stringify(result)).ok).toBe(true);
  });

  test('of this device alone, prompts first, then tokens by depth', () => {
    expect(stagesOf(result, cpu).map(({tokens, depth}) => [tokens, depth])).toEqual([
      [512, 0],
      [1, 0],
      [1, 2048],
    ]);
    expect(stagesOf(result, gpu).length).toBe(3);
    expect(stagesOf(result, gpu)[0]!.sum_s).not.toBe(stagesOf(result, cpu)[0]!.sum_s);
    expect(stagesOf({...result, profiles: []}, cpu)).toEqual([]);
    expect(stagesOf(sample(), subjectsOf(sample())[0]!)).toEqual([]);
  });

  test('share out all of their parts, longest first', () => {
    const parts = [part('a', 0.1, 1), part('b', 0.3, 1), part('c', 0.1, 1)];
    const [stage] = stagesOf(made({parts}), cpu);
    expect(stage!.parts.map((each) => [each.ops, each.share])).toEqual([
      ['b', 0.6],
      ['a', 0.2],
      ['c', 0.2],
    ]);
    expect(stage!.sum_s).toBeCloseTo(0.5);
    expect(stage!.step_s).toBe(1);
    expect(stage!.host_s).toBe(0.00004);
  });

  test('take what binds of bandwidth and the highest peak', () => {
    const parts = [part('reads', 2, 100, 10), part('computes', 2, 1, 4000), part('shared', 1, 0)];
    const roofs = {read_bandwidth: 100, fp32_peak: 500, int8_peak: 4000};
    const [stage] = stagesOf(made({parts}, roofs), cpu);
    expect(stage!.parts.map((each) => each.roof)).toEqual([
      {fraction: 0.5, bound: 'memory'},
      {fraction: 0.5, bound: 'compute'},
      null,
    ]);
    expect(stagesOf(made({parts}), cpu)[0]!.parts.every((each) => each.roof === null)).toBe(true);
  });

  test('put many small parts together and lose none', () => {
    const parts = Array.from({length: 20}, (_, i) => part(`p${i}`, 20 - i, 1));
    const [stage] = stagesOf(made({parts}), cpu);
    expect(stage!.parts.length).toBe(8);
    expect(stage!.parts[7]!.ops).toBe('13 kinds of smaller parts');
    expect(stage!.parts[7]!.count).toBe(13);
    expect(stage!.parts.reduce((sum, each) => sum + each.share, 0)).toBeCloseTo(1);
    expect(stage!.parts.reduce((sum, each) => sum + each.bytes, 0)).toBe(20);
  });

  test('that could not be taken say why', () => {
    const why = {parts: [], step_s: null, reason: 'the device has no clock', params: {}};
    const [stage] = stagesOf(made(why), cpu);
    expect(stage!.reason).toBe('the device has no clock');
    expect(stage!.name).toBe('Steps of this model');
    expect(stagesOf(made({parts: [part('a', 0, 0)]}), cpu)[0]!.parts[0]!.share).toBe(0);
  });
});
