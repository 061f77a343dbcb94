// What attention reads of a cache: four values of a key, two of a value. KEY_WORD(i), VALUE_WORD(i)
// and the push constants are the shader's.
vec4 key_vector(uint row, uint i) {  // values 4i .. 4i+3
#if defined(CACHE_F32)
  const uint at = row * push.head_dim + 4u * i;
  return uintBitsToFloat(uvec4(KEY_WORD(at), KEY_WORD(at + 1u), KEY_WORD(at + 2u), KEY_WORD(at + 3u)));
#elif defined(CACHE_F16)
  const uint at = row * (push.head_dim / 2u) + 2u * i;
  return vec4(unpackHalf2x16(KEY_WORD(at)), unpackHalf2x16(KEY_WORD(at + 1u)));
#elif defined(CACHE_BF16)
  const uint at = row * (push.head_dim / 2u) + 2u * i;
  const uint a = KEY_WORD(at), b = KEY_WORD(at + 1u);
  return uintBitsToFloat(uvec4(a << 16, a & 0xffff0000u, b << 16, b & 0xffff0000u));
#else
  const uint index = 2u * push.scales_at + row * (push.head_dim / 32u) + i / 8u;
  const vec2 both = unpackHalf2x16(KEY_WORD(index >> 1));
  const int word = int(KEY_WORD(row * (push.head_dim / 4u) + i));
  return vec4(bitfieldExtract(word, 0, 8), bitfieldExtract(word, 8, 8),
              bitfieldExtract(word, 16, 8), word >> 24) *
         ((index & 1u) == 0u ? both.x : both.y);
#endif
}

vec2 value_pair(uint row, uint i) {  // values 2i, 2i+1
#if defined(CACHE_F32)
  const uint at = row * push.head_dim + 2u * i;
  return uintBitsToFloat(uvec2(VALUE_WORD(at), VALUE_WORD(at + 1u)));
#elif defined(CACHE_F16)
  return unpackHalf2x16(VALUE_WORD(row * (push.head_dim / 2u) + i));
#elif defined(CACHE_BF16)
  const uint word = VALUE_WORD(row * (push.head_dim / 2u) + i);
  return uintBitsToFloat(uvec2(word << 16, word & 0xffff0000u));
#else
  const uint index = 2u * push.scales_at + row * (push.head_dim / 32u) + i / 16u;
  const vec2 both = unpackHalf2x16(VALUE_WORD(index >> 1));
  const int word = int(VALUE_WORD(row * (push.head_dim / 4u) + i / 2u) >> (16u * (i & 1u)));
  return vec2(bitfieldExtract(word, 0, 8), bitfieldExtract(word, 8, 8)) *
         ((index & 1u) == 0u ? both.x : both.y);
#endif
}
