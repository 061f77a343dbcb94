// JSON from strangers, read as strictly as the program reads it: size, depth, no key twice.

export const MAX_BYTES = 64 * 1024 * 1024;
export const MAX_DEPTH = 32;

export type Parsed = {ok: true; value: unknown; text: string} | {ok: false; why: string};

// Looks for what JSON.parse lets pass: a key twice in one object, and deep nesting. The text is
// known to be JSON by then, so strings and brackets are all that matters. Returns what is wrong.
function inspect(text: string): string {
  const keys: (Set<string> | null)[] = [];
  let expectKey = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x22) {
      const start = i++;
      let escaped = false;
      while (text.charCodeAt(i) !== 0x22) {
        if (text.charCodeAt(i) === 0x5c) {
          escaped = true;
          i++;
        }
        i++;
      }
      const names = keys[keys.length - 1];
      if (expectKey && names) {
        const key = escaped
          ? (JSON.parse(text.slice(start, i + 1)) as string)
          : text.slice(start + 1, i);
        if (names.has(key)) return `the key ${JSON.stringify(key)} stands twice in one object`;
        names.add(key);
        expectKey = false;
      }
    } else if (c === 0x7b || c === 0x5b) {
      keys.push(c === 0x7b ? new Set() : null);
      expectKey = c === 0x7b;
      if (keys.length > MAX_DEPTH) return `it is nested deeper than ${MAX_DEPTH} levels`;
    } else if (c === 0x7d || c === 0x5d) {
      keys.pop();
      expectKey = false;
    } else if (c === 0x2c) {
      expectKey = keys[keys.length - 1] !== null;
    }
  }
  return '';
}

// Brackets alone, before anything recursive sees the text.
function tooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (inString) {
      if (c === 0x5c) i++;
      else if (c === 0x22) inString = false;
    } else if (c === 0x22) inString = true;
    else if (c === 0x7b || c === 0x5b) {
      if (++depth > MAX_DEPTH) return true;
    } else if (c === 0x7d || c === 0x5d) depth--;
  }
  return false;
}

// JSON.parse turns 1e999 into Infinity, which no result may hold.
function hasInfinity(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some(hasInfinity);
}

export function parseText(text: string): Parsed {
  if (tooDeep(text)) return {ok: false, why: `it is nested deeper than ${MAX_DEPTH} levels`};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return {ok: false, why: `it is not JSON: ${(error as Error).message}`};
  }
  const why = inspect(text);
  if (why) return {ok: false, why};
  if (hasInfinity(value)) return {ok: false, why: 'it holds a number that is out of range'};
  return {ok: true, value, text};
}

/** The value of a file's bytes. */
export function parseBytes(bytes: ArrayBuffer): Parsed {
  if (bytes.byteLength > MAX_BYTES) {
    return {ok: false, why: `it has ${bytes.byteLength} bytes; at most ${MAX_BYTES} are read`};
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes);
  } catch {
    return {ok: false, why: 'it is not UTF-8'};
  }
  return parseText(text);
}
