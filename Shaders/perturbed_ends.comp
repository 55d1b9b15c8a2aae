#version 450
// The largest lower end of a perturbed score among the rows that surely pass min-p, by slab of mask words as in
// lower_ends.comp: a row whose perturbed upper end lies below the largest of them is not drawn.

#include "subgroup.glsl"
#include "interval.glsl"
#include "sampling.glsl"

layout(set = 0, binding = 2) readonly buffer Reaches { vec2 reaches[]; };            // [batch]
layout(set = 0, binding = 3) readonly buffer Mask { uint mask[]; };                  // [batch, maskWords]
layout(set = 0, binding = 4) readonly buffer Ends { vec4 ends[]; };                  // [batch, slabs]
layout(set = 0, binding = 5) readonly buffer Parameters { uint parameters[]; };
layout(set = 0, binding = 6) writeonly buffer PerturbedEnds { float perturbedEnds[]; };  // [batch, slabs]

layout(push_constant) uniform Constants {
    uint vocabularySize;
    uint maskWords;
    uint wordsPerLane;
    uint slabs;
};

void main() {
    const uint column = gl_WorkGroupID.y;
    const uint slab = gl_WorkGroupID.x * gl_NumSubgroups + gl_SubgroupID;
    if (slab >= slabs) return;
    const Sampling sampling = READ_SAMPLING(column);
    float highest = MINUS_INFINITY;
    for (uint index = gl_SubgroupInvocationID; index < slabs; index += SUBGROUP) {
        highest = max(highest, ends[column * slabs + index].z);
    }
    const float sure = minimumScore(subgroupMax(highest), sampling);
    const uint fours = (vocabularySize + 3u) / 4u;
    const vec2 reach = reaches[column];
    const uint firstWord = slab * wordsPerLane * SUBGROUP;
    float largest = MINUS_INFINITY;
    for (uint step = 0u; step < wordsPerLane; ++step) {
        const uint word = firstWord + step * SUBGROUP + gl_SubgroupInvocationID;
        if (word >= maskWords) continue;
        const uint bits = validBits(mask[column * maskWords + word], word, vocabularySize);
        for (uint part = 0u; part < 8u; ++part) {
            const uint four = bits >> (part * 4u) & 15u;
            if (four == 0u) continue;
            const uint index = word * 8u + part;
            const Intervals intervals =
                intervalsOf(FOUR(scores, column * fours + index), FOUR(coefficients, index), reach);
            const uint passing = four & packBits(intervals.areUsable)
                & packBits(greaterThanEqual(intervals.lower, vec4(sure)));
            for (uint place = 0u; place < 4u; ++place) {
                if ((passing >> place & 1u) == 0u) continue;
                largest = max(largest, perturbed(intervals.lower[place], index * 4u + place, sampling));
            }
        }
    }
    largest = subgroupMax(largest);
    if (gl_SubgroupInvocationID == 0u) perturbedEnds[column * slabs + slab] = largest;
}
