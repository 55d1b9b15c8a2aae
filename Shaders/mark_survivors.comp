#version 450
// Marks the allowed rows that may be among the best two: those whose upper end reaches the second-largest lower end,
// and those without a usable interval. Each subgroup owns a slab of mask words, one word a lane at a time.
//
// Also counts them, by slab for the list and by batch row for the route; and the contenders, whose upper end reaches
// the largest lower end: where there is one, it is the token.

#include "subgroup.glsl"
#include "top2.glsl"
#include "interval.glsl"

layout(set = 0, binding = 0) readonly buffer Scores { float scores[]; };              // [batch, V]
layout(set = 0, binding = 1) readonly buffer Coefficients { float coefficients[]; };  // [V]
layout(set = 0, binding = 2) readonly buffer Reaches { vec2 reaches[]; };             // [batch]
layout(set = 0, binding = 3) readonly buffer Mask { uint mask[]; };                   // [batch, maskWords]
layout(set = 0, binding = 4) readonly buffer Ends { vec2 ends[]; };                   // [batch, partials]
layout(set = 0, binding = 5) writeonly buffer Survivors { uint survivors[]; };        // [batch, maskWords]
layout(set = 0, binding = 6) writeonly buffer Counts { uint counts[]; };              // [batch, slabs]
// From totalsAt on: survivors of each batch row, then contenders of each; cleared beforehand.
layout(set = 0, binding = 7) buffer State { uint state[]; };

layout(push_constant) uniform Constants {
    uint vocabularySize;
    uint maskWords;
    uint partials;
    uint wordsPerLane;
    uint slabs;
    uint batch;
    uint totalsAt;
};

void main() {
    const uint column = gl_WorkGroupID.y;
    const uint slab = gl_WorkGroupID.x * gl_NumSubgroups + gl_SubgroupID;
    if (slab >= slabs) return;
    vec2 best = vec2(EMPTY_SCORE);
    for (uint index = gl_SubgroupInvocationID; index < partials; index += SUBGROUP) {
        best = mergeEnds(best, ends[column * partials + index]);
    }
    best = subgroupMergeEnds(best);
    const vec2 reach = reaches[column];
    const uint firstWord = slab * wordsPerLane * SUBGROUP;
    uint count = 0u;
    uint contenders = 0u;
    for (uint step = 0u; step < wordsPerLane; ++step) {
        const uint word = firstWord + step * SUBGROUP + gl_SubgroupInvocationID;
        if (word >= maskWords) continue;
        uint bits = mask[column * maskWords + word];
        const uint valid = vocabularySize - word * 32u;
        if (valid < 32u) bits &= (1u << valid) - 1u;
        uint kept = 0u;
        for (uint bit = 0u; bit < 32u; ++bit) {
            if ((bits >> bit & 1u) == 0u) continue;
            const uint row = word * 32u + bit;
            const Interval interval = intervalOf(scores[column * vocabularySize + row], coefficients[row], reach);
            if (!interval.isUsable || interval.upper >= best.y) kept |= 1u << bit;
            if (!interval.isUsable || interval.upper >= best.x) contenders += 1u;
        }
        survivors[column * maskWords + word] = kept;
        count += bitCount(kept);
    }
    count = subgroupAdd(count);
    contenders = subgroupAdd(contenders);
    if (gl_SubgroupInvocationID == 0u) {
        counts[column * slabs + slab] = count;
        if (count != 0u) atomicAdd(state[totalsAt + column], count);
        if (contenders != 0u) atomicAdd(state[totalsAt + batch + column], contenders);
    }
}
