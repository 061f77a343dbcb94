// A result file in the browser: the types of its schema, held against that schema.
import type {Ceiling, Profile, Record as Row, ResultFile, Warning} from '../generated/result';
import validate from '../generated/validate';
import {parseBytes, parseText, type Parsed} from './strict_json';

export type {Ceiling, Profile, ResultFile, Row, Warning};

export type Opened = {ok: true; result: ResultFile; text: string} | {ok: false; why: string};

function checked(parsed: Parsed): Opened {
  if (!parsed.ok) return parsed;
  if (!validate(parsed.value)) {
    const problem = validate.errors?.[0];
    const where = problem?.instancePath || 'the document';
    const extra =
      problem?.keyword === 'additionalProperties'
        ? ` (${String(problem.params['additionalProperty'])})`
        : '';
    return {
      ok: false,
      why: `it is no Inferometer result 1.0: ${where} ${problem?.message ?? 'is invalid'}${extra}`,
    };
  }
  return {ok: true, result: parsed.value as ResultFile, text: parsed.text};
}

export function openBytes(bytes: ArrayBuffer): Opened {
  return checked(parseBytes(bytes));
}

export function openText(text: string): Opened {
  return checked(parseText(text));
}
