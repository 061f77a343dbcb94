// Columns of the input, four values at a time, which are IN_VECTOR(i) where they are aligned; beyond
// its width they are zero. NORM_VECTOR(i) likewise.
vec4 load_in(uint base, uint vector) {
  if (kAligned) return IN_VECTOR(base / 4u + vector);
  const uint at = 4u * vector;
  vec4 x = vec4(0.0);
  if (at < push.in_width) x.x = in_values[base + at];
  if (at + 1u < push.in_width) x.y = in_values[base + at + 1u];
  if (at + 2u < push.in_width) x.z = in_values[base + at + 2u];
  if (at + 3u < push.in_width) x.w = in_values[base + at + 3u];
  return x;
}

vec4 load_norm(uint vector) {
  if (kAligned) return NORM_VECTOR(vector);
  const uint at = 4u * vector;
  vec4 x = vec4(0.0);
  if (at < push.in_width) x.x = norm_values[at];
  if (at + 1u < push.in_width) x.y = norm_values[at + 1u];
  if (at + 2u < push.in_width) x.z = norm_values[at + 2u];
  if (at + 3u < push.in_width) x.w = norm_values[at + 3u];
  return x;
}

float multiply_add(vec4 a, vec4 b, float sum) {
  return fma(a.x, b.x, fma(a.y, b.y, fma(a.z, b.z, fma(a.w, b.w, sum))));
}

float silu(float x) { return x / (1.0 + exp(-x)); }

// One value of the result, from sums over all of the input.
void store_result(MatrixPush matrix, uint row, uint column, float value, float value2, float factor) {
  value *= factor;
  if (kGated) value = silu(value) * factor * value2;
  const uint to = matrix.out_at + column * matrix.out_width + row;
  if ((push.flags & FLAG_BIAS) != 0u) value += bias[matrix.bias_at + row];
  if ((push.flags & FLAG_ACCUMULATE) != 0u) value += out_values[to];
  out_values[to] = value;
}

// Where column `column` begins in the input.
uint base_of(uint column) {
  return (kExperts == 1u ? column / push.experts_used : column) * push.in_width;
}
