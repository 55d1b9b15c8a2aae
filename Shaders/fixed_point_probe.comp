#version 450
// The noise of random words, or under WEIGHTS the softmax weights of (distance, inverse), for tests.

#include "subgroup.glsl"
#include "fixed_point.glsl"

layout(set = 0, binding = 0) readonly buffer Inputs { uvec2 inputs[]; };
layout(set = 0, binding = 1) writeonly buffer Results { uvec2 results[]; };

layout(push_constant) uniform Constants {
    uint count;
};

void main() {
    const uint index = gl_GlobalInvocationID.x;
    if (index >= count) return;
#if defined(WEIGHTS)
    results[index] = weightOf(uintBitsToFloat(inputs[index].x), uintBitsToFloat(inputs[index].y));
#else
    results[index] = uvec2(floatBitsToUint(gumbelOf(inputs[index])), 0u);
#endif
}
