// What every shader begins with: the workgroup, the step, sums over a workgroup.
#extension GL_EXT_control_flow_attributes : enable
#ifdef SUBGROUP
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_arithmetic : require
#endif

layout(local_size_x_id = 0, local_size_y = 1, local_size_z = 1) in;

layout(set = 0, binding = BIND_STEP) readonly buffer StepBlock { uint step_words[]; };

const uint kStepTokens = 8u;  // where the tokens begin; see backends/gpu/step_buffer.h

#define THREADS gl_WorkGroupSize.x
#define THREAD gl_LocalInvocationID.x

#ifdef SUMS
shared float sum_room[THREADS];

// The sum of `value` over the workgroup, known to all of it.
float sum_over_group(float value) {
#ifdef SUBGROUP
  value = subgroupAdd(value);
  if (gl_NumSubgroups == 1u) return value;
  barrier();  // the room may still be read
  if (subgroupElect()) sum_room[gl_SubgroupID] = value;
  barrier();
  float sum = 0.0;
  for (uint i = 0u; i < gl_NumSubgroups; ++i) sum += sum_room[i];
  return sum;
#else
  barrier();
  sum_room[THREAD] = value;
  barrier();
  for (uint n = THREADS / 2u; n > 0u; n >>= 1) {
    if (THREAD < n) sum_room[THREAD] += sum_room[THREAD + n];
    barrier();
  }
  return sum_room[0];
#endif
}
#endif

// Round to nearest even by integers: drivers may round packHalf2x16 as they like.
uint half_bits(float value) {
  const uint bits = floatBitsToUint(value);
  const uint sign = bits >> 16 & 0x8000u;
  const uint magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return sign | 0x7e00u;
  if (magnitude >= 0x477ff000u) return sign | 0x7c00u;
  if (magnitude >= 0x38800000u) {
    return sign | (magnitude - 0x38000000u + 0xfffu + (magnitude >> 13 & 1u)) >> 13;
  }
  // Subnormal halves are multiples of 2^-24.
  return sign | uint(roundEven(uintBitsToFloat(magnitude) * 16777216.0));
}

uint bfloat_bits(float value) {
  const uint bits = floatBitsToUint(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return bits >> 16 | 0x40u;
  return (bits + 0x7fffu + (bits >> 16 & 1u)) >> 16;
}
