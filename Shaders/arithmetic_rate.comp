#version 450
// Sixteen independent chains of fused multiply-adds in registers: the arithmetic rate at best.
// Eight links of each chain a round, since software rasterisers mask every variable that a loop carries.

#include "subgroup.glsl"

layout(set = 0, binding = 0) buffer Sums { float sums[]; };

layout(push_constant) uniform Constants {
    uint rounds;
};

void main() {
    const uint at = gl_WorkGroupID.x * gl_WorkGroupSize.x + gl_LocalInvocationIndex;
    // Values from memory, so that no compiler can fold the chains.
    const vec4 factor = vec4(sums[0]);
    precise vec4 a = vec4(sums[at]), b = a + 1.0, c = a + 2.0, d = a + 3.0;
#define LINK a = fma(a, factor, factor); b = fma(b, factor, factor); c = fma(c, factor, factor); d = fma(d, factor, factor);
    for (uint round = 0u; round < rounds; ++round) {
        LINK LINK LINK LINK LINK LINK LINK LINK
    }
    vec4 all = (a + b) + (c + d);
    sums[at] = (all.x + all.y) + (all.z + all.w);
}
