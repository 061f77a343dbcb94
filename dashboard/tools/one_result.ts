// Writes one detailed invented result with profiles: `node tools/run.mjs tools/one_result.ts FILE`.
import {writeFileSync} from 'node:fs';
import {Random} from './random';
import {machineOf} from './synthetic_machines';
import {withProfiles} from './synthetic_profile';
import {MODELS, syntheticResult} from './synthetic_result';

const file = process.argv[2];
if (!file) throw new Error('usage: node tools/run.mjs tools/one_result.ts FILE');
const machine = machineOf(new Random(77), 2);
writeFileSync(
  file,
  JSON.stringify(
    withProfiles(
      syntheticResult(new Random(78), machine, MODELS[1]!, {
        detail: true,
        gpu: true,
        publisher: 'RW' + 'A'.repeat(54),
        date: '2026-05-04',
      }),
    ),
  ),
);
