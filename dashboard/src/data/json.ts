// Facts out of JSON that may come from anyone: typed or absent, never trusted.

export type Json = unknown;

/** The value at a path of keys, or undefined. Inherited names such as "constructor" are no keys. */
export function at(json: Json, ...path: readonly (string | number)[]): Json {
  let value: Json = json;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    if (!Object.prototype.hasOwnProperty.call(value, key)) return undefined;
    value = (value as Record<string | number, Json>)[key];
  }
  return value;
}

export function textAt(json: Json, ...path: readonly (string | number)[]): string {
  const value = at(json, ...path);
  return typeof value === 'string' ? value : '';
}

export function numberAt(json: Json, ...path: readonly (string | number)[]): number | null {
  const value = at(json, ...path);
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

export function listAt(json: Json, ...path: readonly (string | number)[]): readonly Json[] {
  const value = at(json, ...path);
  return Array.isArray(value) ? value : [];
}

/** Any scalar as text: what a table shows of a parameter. */
export function scalarText(value: Json): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return '';
}
