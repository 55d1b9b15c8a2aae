#version 450
// Whether the driver's half-float unpacking keeps subnormals: unpacks each given word for the host to look at.

#include "subgroup.glsl"

layout(set = 0, binding = 0) readonly buffer Words { uint words[]; };
layout(set = 0, binding = 1) writeonly buffer Values { vec2 values[]; };

layout(push_constant) uniform Constants {
    uint count;
};

void main() {
    const uint at = gl_WorkGroupID.x * gl_WorkGroupSize.x + gl_LocalInvocationIndex;
    if (at < count) values[at] = unpackHalf2x16(words[at]);
}
