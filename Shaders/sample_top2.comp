#version 450
// Best two of the scores that a mask names, as partial results of top2.glsl: one for each subgroup.

#include "subgroup.glsl"
#include "top2.glsl"
#include "candidates.glsl"

layout(set = 0, binding = 2) writeonly buffer Partials { uint partials[]; };  // [batch, subgroups]

TopTwo top = EMPTY_TOP_TWO;

void visit(uint id, float score) { offer(top, score, id); }

void main() {
    const uint row = gl_WorkGroupID.y;
    visitAll(row);
    top = subgroupMerge(top);
    if (gl_SubgroupInvocationID != 0u) return;
    const uint at = (row * gl_NumWorkGroups.x * gl_NumSubgroups + subgroupIndex()) * TOP_TWO_WORDS;
    partials[at] = floatBitsToUint(top.best);
    partials[at + 1u] = top.bestID;
    partials[at + 2u] = floatBitsToUint(top.second);
    partials[at + 3u] = top.secondID;
    partials[at + 4u] = top.nonFinite;
}
