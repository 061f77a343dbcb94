// Files of strangers: what is a result and what is not, and that each refusal says why.
import {readFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {openBytes, openText} from '../../src/data/result';
import {MAX_DEPTH} from '../../src/data/strict_json';
import {invented, sample, sampleText} from './samples';

function why(text: string): string {
  const opened = openText(text);
  return opened.ok ? '' : opened.why;
}

function changed(change: (document: Record<string, any>) => void): string {
  const document = JSON.parse(sampleText) as Record<string, any>;
  change(document);
  return JSON.stringify(document);
}

describe('a result file', () => {
  test('that the program wrote is taken, whole', () => {
    expect(sample().records.length).toBe(
      (JSON.parse(sampleText) as {records: unknown[]}).records.length,
    );
  });

  test('that is invented has the form of real ones', () => {
    for (let number = 0; number < 12; number++)
      expect(why(JSON.stringify(invented(number)))).toBe('');
  });

  test.each<[string, string, RegExp]>([
    ['no JSON', '{"schema": ', /not JSON/],
    ['NaN', changed(() => {}).replace('"records":', '"records":NaN,"x":'), /not JSON/],
    ['an array', '[]', /no Inferometer result/],
    ['an empty object', '{}', /required/],
    ['a key twice', '{"schema": 1, "sch\\u0065ma": 2}', /twice/],
    [
      'a number out of range',
      changed(() => {}).replace('"suite":"1.0"', '"suite":1e999'),
      /out of range/,
    ],
    ['deep nesting', '['.repeat(MAX_DEPTH + 1) + ']'.repeat(MAX_DEPTH + 1), /deeper/],
    ['nesting without end', '['.repeat(2_000_000), /deeper/],
    [
      'another schema version',
      changed((d) => {
        d['schema_version'] = '2.0';
      }),
      /schema_version/,
    ],
    [
      'a median as text',
      changed((d) => {
        d['records'][0].median = '41';
      }),
      /median/,
    ],
    [
      'an unknown metric',
      changed((d) => {
        d['records'][0].metric = 'wishes';
      }),
      /metric/,
    ],
    [
      'an ok row without numbers',
      changed((d) => {
        d['records'][0].median = null;
      }),
      /median/,
    ],
    [
      'a skipped row with numbers',
      changed((d) => {
        const row = d['records'].find((r: any) => r.status !== 'ok');
        row.median = 1;
      }),
      /median/,
    ],
    [
      'a key that the schema does not know',
      changed((d) => {
        d['extra'] = 1;
      }),
      /extra/,
    ],
  ])('refuses %s', (_, text, reason) => {
    expect(why(text)).toMatch(reason);
  });

  // The program and Python are held to the same texts.
  const corpus = JSON.parse(
    readFileSync(new URL('../../../tests/fixtures/results/hostile.json', import.meta.url), 'utf8'),
  ) as {texts: {what: string; text: (string | {repeat: string; times: number})[]}[]};
  test.each(corpus.texts.map((entry) => [entry.what, entry.text] as const))(
    'refuses a hostile text: %s',
    (_, parts) => {
      const text = parts
        .map((part) => (typeof part === 'string' ? part : part.repeat.repeat(part.times)))
        .join('');
      const bytes = Uint8Array.from(Buffer.from(text, 'latin1'));
      expect(openBytes(bytes.buffer)).toMatchObject({ok: false});
    },
  );

  test('refuses bytes that are no UTF-8 and a byte order mark', () => {
    expect(openBytes(new Uint8Array([0x22, 0xff, 0x22]).buffer)).toMatchObject({
      ok: false,
      why: /UTF-8/,
    });
    expect(
      openBytes(new TextEncoder().encode('\ufeff' + sampleText).buffer as ArrayBuffer).ok,
    ).toBe(false);
  });

  test('may name keys like inherited ones', () => {
    const text = changed((d) => {
      d['device'].os = JSON.parse('{"__proto__": {"name": "x"}, "constructor": 1}');
    });
    expect(why(text)).toBe('');
    expect(({} as Record<string, unknown>)['name']).toBeUndefined();
  });
});
