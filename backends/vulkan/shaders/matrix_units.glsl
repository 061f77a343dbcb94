// Small matrices that a subgroup multiplies together (VK_KHR_cooperative_matrix): C += A * B, where A is
// kM x kK and B kK x kN in fp16, and C kM x kN in fp32. The device says which sizes it has.
#extension GL_KHR_cooperative_matrix : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require

layout(constant_id = 1) const uint kM = 16;
layout(constant_id = 2) const uint kN = 16;
layout(constant_id = 5) const uint kK = 16;

#define MATRIX_A coopmat<float16_t, gl_ScopeSubgroup, kM, kK, gl_MatrixUseA>
#define MATRIX_B coopmat<float16_t, gl_ScopeSubgroup, kK, kN, gl_MatrixUseB>
#define MATRIX_C coopmat<float, gl_ScopeSubgroup, kM, kN, gl_MatrixUseAccumulator>
