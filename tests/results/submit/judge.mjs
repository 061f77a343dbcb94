// judge.mjs FOLDER SCHEMA...: what ajv says about each document in FOLDER, as JSON.
import {existsSync, readFileSync, readdirSync} from 'node:fs';
import {createRequire} from 'node:module';
import {basename, join} from 'node:path';

const root = new URL('../../../', import.meta.url);
const owner = ['ci/scale', 'dashboard'].find((folder) => existsSync(new URL(`${folder}/node_modules/ajv`, root)));
const require = createRequire(new URL(`${owner}/package.json`, root));
const Ajv = require('ajv/dist/2020').default;
const [folder, ...schemas] = process.argv.slice(2);
const read = (file) => JSON.parse(readFileSync(file, 'utf8'));
const judges = schemas.map((file) => [basename(file).split('-')[0], new Ajv({strict: false}).compile(read(file))]);
const verdicts = {};
for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  const document = read(join(folder, file));
  verdicts[file] = Object.fromEntries(judges.map(([name, judge]) => [name, judge(document)]));
}
console.log(JSON.stringify(verdicts));
