// Pictures of views for looking at: `node tools/run.mjs tools/shots.ts SITE OUT NAME=#/place ...`
// LOOKS=light,phone takes these looks only, SIZE=1100x760 another window, FULL=1 the whole page.
import {mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {launch, open, serve} from '../tests/e2e/browser';

const [site, out, ...places] = process.argv.slice(2);
if (!site || !out)
  throw new Error('usage: node tools/run.mjs tools/shots.ts SITE OUT NAME=#/place ...');
mkdirSync(out, {recursive: true});
const served = await serve(site);
const {browser, close} = await launch();
for (const item of places) {
  const [name, hash = ''] = item.split(/=(.*)/s);
  for (const [look, options] of [
    ['light', {}],
    ['dark', {dark: true}],
    ['phone', {width: 390, height: 844}],
  ] as const) {
    const only = process.env['LOOKS'];
    if (only && !only.includes(look)) continue;
    const [width = NaN, height = NaN] = (process.env['SIZE'] ?? '').split('x').map(Number);
    const size = width > 0 && height > 0 ? {width, height} : {};
    const opened = await open(browser, served.url + hash, {...options, ...size});
    await opened.page.waitForTimeout(350);
    await opened.page.screenshot({
      path: join(out, `${name}-${look}.png`),
      fullPage: process.env['FULL'] === '1',
    });
    const wide = await opened.page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    if (wide > 0) console.log(`${name} ${look}: the page is ${wide} px wider than the window`);
    for (const error of opened.errors) console.log(`${name} ${look}: ${error}`);
    await opened.close();
  }
}
await close();
await served.close();
