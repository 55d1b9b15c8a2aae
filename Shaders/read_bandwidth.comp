#version 450
// Reads every unit of a window once: the bandwidth that a scan could reach at best. The sum keeps the reads alive.

#include "subgroup.glsl"

#if defined(SOURCE_TEXELS)
layout(set = 0, binding = 0) uniform usamplerBuffer weights;
#define UNIT(index) texelFetch(weights, int(index))
#else
layout(set = 0, binding = 0) readonly buffer Weights { uvec4 weights[]; };
#define UNIT(index) weights[index]
#endif
layout(set = 0, binding = 1) writeonly buffer Sums { uint sums[]; };

layout(push_constant) uniform Constants {
    uint unitsEach;  // of one subgroup, a multiple of 4 · SUBGROUP
    uint unitCount;
};

void main() {
    const uint subgroup = gl_WorkGroupID.x * gl_NumSubgroups + gl_SubgroupID;
    const uint end = min((subgroup + 1u) * unitsEach, unitCount);
    uvec4 a = uvec4(0u), b = uvec4(0u), c = uvec4(0u), d = uvec4(0u);
    for (uint unit = subgroup * unitsEach + gl_SubgroupInvocationID; unit + 3u * SUBGROUP < end; unit += 4u * SUBGROUP) {
        a ^= UNIT(unit);
        b ^= UNIT(unit + SUBGROUP);
        c ^= UNIT(unit + 2u * SUBGROUP);
        d ^= UNIT(unit + 3u * SUBGROUP);
    }
    uvec4 all = (a ^ b) ^ (c ^ d);
    uint sum = subgroupXor(all.x ^ all.y ^ all.z ^ all.w);
    if (gl_SubgroupInvocationID == 0u) sums[subgroup] = sum;
}
