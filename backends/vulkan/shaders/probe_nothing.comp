// Nothing: what one dispatch costs.
#version 450
#extension GL_GOOGLE_include_directive : require
#define PROBE_SHADER 1
#include "interface.h"
#include "common.glsl"

void main() {}
