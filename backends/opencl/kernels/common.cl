// What all kernels share: features, the step buffer, sums over a group.
#ifdef HAS_FP16
#pragma OPENCL EXTENSION cl_khr_fp16 : enable
#endif
#if defined(HAS_SUBGROUP) && __OPENCL_C_VERSION__ < 300
#pragma OPENCL EXTENSION cl_khr_subgroups : enable
#endif
#ifdef HAS_FMA
#define MAD fma
#else
#define MAD mad
#endif
#ifndef ITEMS
#define ITEMS 1
#endif
#define GROUP __attribute__((reqd_work_group_size(ITEMS, 1, 1)))

// Words of the step buffer (backends/gpu/step_buffer.h).
#define STEP_TOKENS 0
#define STEP_TILES 2
#define STEP_SPLIT 4
#define STEP_SPLITS 5
#define STEP_FIRST_TOKEN 8

static float sum16(float16 v) {
  const float8 a = v.lo + v.hi;
  const float4 b = a.lo + a.hi;
  const float2 c = b.lo + b.hi;
  return c.x + c.y;
}

static float max16(float16 v) {
  const float8 a = fmax(v.lo, v.hi);
  const float4 b = fmax(a.lo, a.hi);
  const float2 c = fmax(b.lo, b.hi);
  return fmax(c.x, c.y);
}

// The sum over all work-items of the group, for each of them; `room` holds ITEMS floats.
static float group_sum(float v, __local float* room) {
#if ITEMS == 1
  return v;
#elif defined(HAS_SUBGROUP)
  v = sub_group_reduce_add(v);
  const uint count = get_num_sub_groups();
  if (count == 1) return v;
  barrier(CLK_LOCAL_MEM_FENCE);
  if (get_sub_group_local_id() == 0) room[get_sub_group_id()] = v;
  barrier(CLK_LOCAL_MEM_FENCE);
  float sum = 0;
  for (uint i = 0; i < count; ++i) sum += room[i];
  return sum;
#else
  const uint item = get_local_id(0);
  barrier(CLK_LOCAL_MEM_FENCE);
  room[item] = v;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (uint step = ITEMS / 2; step > 0; step /= 2) {
    if (item < step) room[item] += room[item + step];
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  return room[0];
#endif
}

static float silu(float x) { return x / (1.0f + exp(-x)); }
