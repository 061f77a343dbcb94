// Strict TypeScript types of a JSON schema, for the keywords that the project's schemas use.

function literal(value) {
  return JSON.stringify(value);
}

function nameOf(ref) {
  const words = ref.split('/').pop().split('_');
  return words.map((word) => word[0].toUpperCase() + word.slice(1)).join('');
}

const plain = {
  string: 'string',
  number: 'number',
  integer: 'number',
  boolean: 'boolean',
  null: 'null',
};

function objectType(schema, indent) {
  const properties = Object.entries(schema.properties ?? {});
  const open = schema.additionalProperties;
  if (properties.length === 0) {
    const value = open && typeof open === 'object' ? typeOf(open, indent) : 'unknown';
    return `{readonly [key: string]: ${value}}`;
  }
  const inner = indent + '  ';
  const required = new Set(schema.required ?? []);
  const lines = properties.map(([key, value]) => {
    const comment = value.description
      ? `${inner}/** ${value.description.replaceAll('*/', '* /')} */\n`
      : '';
    const mark = required.has(key) ? '' : '?';
    return `${comment}${inner}readonly ${literal(key)}${mark}: ${typeOf(value, inner)};\n`;
  });
  if (open !== false) lines.push(`${inner}readonly [key: string]: unknown;\n`);
  return `{\n${lines.join('')}${indent}}`;
}

function arrayType(schema, indent) {
  const item = schema.items ? typeOf(schema.items, indent) : 'unknown';
  if (schema.minItems !== undefined && schema.minItems === schema.maxItems) {
    return `readonly [${Array(schema.minItems).fill(item).join(', ')}]`;
  }
  return `readonly (${item})[]`;
}

function typeOf(schema, indent) {
  if (schema.$ref) return nameOf(schema.$ref);
  if (schema.const !== undefined) return literal(schema.const);
  if (schema.enum) return schema.enum.map(literal).join(' | ');
  const types = [schema.type ?? []].flat();
  if (types.length === 0) return 'unknown';
  return types
    .map((type) => {
      if (type === 'object') return objectType(schema, indent);
      if (type === 'array') return arrayType(schema, indent);
      return plain[type];
    })
    .join(' | ');
}

/** The text of a module that declares the document as `root` and each definition by its name. */
export function typesOf(schema, root) {
  const parts = [`// Generated from ${schema.$id} by tools/generate.mjs.\n`];
  for (const [key, value] of Object.entries(schema.$defs ?? {})) {
    parts.push(`export type ${nameOf(key)} = ${typeOf(value, '')};\n`);
  }
  parts.push(`export type ${root} = ${typeOf(schema, '')};\n`);
  return parts.join('\n');
}
