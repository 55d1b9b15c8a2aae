#version 450
// Best two of an array of scores: each subgroup keeps those of its range as one partial result. `ids` names the
// scores (LISTED), or their position does; under MASKED `ids` is a packed mask, ⌈count/32⌉ words a column, of those
// that compete.

#include "subgroup.glsl"
#include "top2.glsl"

layout(set = 0, binding = 0) readonly buffer Scores { float scores[]; };
layout(set = 0, binding = 1) readonly buffer IDs { uint ids[]; };
layout(set = 0, binding = 2) writeonly buffer Partials { uint partials[]; };

layout(push_constant) uniform Constants {
    uint count;
    uint scoreStride;
    uint partialStride;
};

void main() {
    const uint column = gl_WorkGroupID.y;
    const uint subgroups = gl_NumWorkGroups.x * gl_NumSubgroups;
    const uint subgroup = gl_WorkGroupID.x * gl_NumSubgroups + gl_SubgroupID;
    const uint each = (count + subgroups - 1u) / subgroups;
    const uint end = min((subgroup + 1u) * each, count);
    TopTwo top = EMPTY_TOP_TWO;
    for (uint index = subgroup * each + gl_SubgroupInvocationID; index < end; index += SUBGROUP) {
#if defined(LISTED)
        uint id = ids[column * scoreStride + index];
#else
        uint id = index;
#endif
#if defined(MASKED)
        if ((ids[column * ((count + 31u) / 32u) + (index >> 5)] >> (index & 31u) & 1u) == 0u) continue;
#endif
        offer(top, scores[column * scoreStride + index], id);
    }
    top = subgroupMerge(top);
    if (gl_SubgroupInvocationID == 0u) {
        uint at = (column * partialStride + subgroup) * TOP_TWO_WORDS;
        partials[at] = floatBitsToUint(top.best);
        partials[at + 1u] = top.bestID;
        partials[at + 2u] = floatBitsToUint(top.second);
        partials[at + 3u] = top.secondID;
        partials[at + 4u] = top.nonFinite;
    }
}
