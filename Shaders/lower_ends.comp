#version 450
// The two largest lower ends of a batch row's allowed rows: each subgroup keeps those of its range as one partial
// result. Rows without a usable interval have no lower end.

#include "subgroup.glsl"
#include "top2.glsl"
#include "interval.glsl"

layout(set = 0, binding = 0) readonly buffer Scores { float scores[]; };              // [batch, V]
layout(set = 0, binding = 1) readonly buffer Coefficients { float coefficients[]; };  // [V]
layout(set = 0, binding = 2) readonly buffer Reaches { vec2 reaches[]; };             // [batch]
layout(set = 0, binding = 3) readonly buffer Mask { uint mask[]; };                   // [batch, maskWords]
layout(set = 0, binding = 4) writeonly buffer Ends { vec2 ends[]; };                  // [batch, partials]

layout(push_constant) uniform Constants {
    uint vocabularySize;
    uint maskWords;
    uint partials;
};

void main() {
    const uint column = gl_WorkGroupID.y;
    const uint partial = gl_WorkGroupID.x * gl_NumSubgroups + gl_SubgroupID;
    if (partial >= partials) return;
    const uint each = (vocabularySize + partials - 1u) / partials;
    const uint end = min((partial + 1u) * each, vocabularySize);
    const vec2 reach = reaches[column];
    vec2 best = vec2(EMPTY_SCORE);
    for (uint row = partial * each + gl_SubgroupInvocationID; row < end; row += SUBGROUP) {
        if ((mask[column * maskWords + (row >> 5)] >> (row & 31u) & 1u) == 0u) continue;
        const Interval interval = intervalOf(scores[column * vocabularySize + row], coefficients[row], reach);
        if (interval.isUsable) best = insertEnd(best, interval.lower);
    }
    best = subgroupMergeEnds(best);
    if (gl_SubgroupInvocationID == 0u) ends[column * partials + partial] = best;
}
