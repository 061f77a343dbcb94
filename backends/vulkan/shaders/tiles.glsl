// What the shaders of many columns have in common: columns loaded into a tile, a value of the result
// stored.

// Values k .. k+3 of a column; beyond its width they are zero. k is a multiple of 4.
vec4 load_column(uint column, uint k) {
  vec4 x = vec4(0.0);
  if (kAligned) {
    if (k < push.in_width) x = in_vectors[(column * push.in_width + k) / 4u];
  } else {
    const uint base = column * push.in_width;
    if (k < push.in_width) x.x = in_values[base + k];
    if (k + 1u < push.in_width) x.y = in_values[base + k + 1u];
    if (k + 2u < push.in_width) x.z = in_values[base + k + 2u];
    if (k + 3u < push.in_width) x.w = in_values[base + k + 3u];
  }
  return x;
}

void store_value(MatrixPush matrix, uint row, uint column, float value) {
  const uint to = matrix.out_at + column * matrix.out_width + row;
  if ((push.flags & FLAG_BIAS) != 0u) value += bias[matrix.bias_at + row];
  if ((push.flags & FLAG_ACCUMULATE) != 0u) value += out_values[to];
  out_values[to] = value;
}
