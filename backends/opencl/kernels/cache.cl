// Elements of a KV cache (backends/opencl/cache_layout.h): 16 neighbours as floats, and a row
// encoded.
#define F32 0
#define F16 1
#define BF16 2
#define Q8_0 3

#if CACHE == F32
#define ELEMENT float
static float16 cache16(__global const float* at) { return vload16(0, at); }
static void put(__global float* at, float value) { *at = value; }
#elif CACHE == F16
#define ELEMENT half
static float16 cache16(__global const half* at) { return halves16(at); }
static void put(__global half* at, float value) { vstore_half_rte(value, 0, at); }
#elif CACHE == BF16
#define ELEMENT ushort
static float16 cache16(__global const ushort* at) {
  return as_float16(convert_uint16(shorts16(at)) << 16);
}
static void put(__global ushort* at, float value) {
  const uint bits = as_uint(value);
  *at = (ushort)((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}
#else
#define ELEMENT char
static float16 cache16(__global const char* at) {
  return convert_float16(as_char16(bytes16(at)));
}
#endif
