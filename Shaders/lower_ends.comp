#version 450
// The two largest lower ends of a batch row's allowed rows: each subgroup keeps those of its slab of mask words as one
// partial result. Rows without a usable interval have no lower end.

#include "subgroup.glsl"
#include "interval.glsl"

layout(set = 0, binding = 2) readonly buffer Reaches { vec2 reaches[]; };  // [batch]
layout(set = 0, binding = 3) readonly buffer Mask { uint mask[]; };        // [batch, maskWords]
layout(set = 0, binding = 4) writeonly buffer Ends { vec4 ends[]; };       // [batch, slabs]

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
    const uint fours = (vocabularySize + 3u) / 4u;
    const vec2 reach = reaches[column];
    const uint firstWord = slab * wordsPerLane * SUBGROUP;
    vec2 best = vec2(MINUS_INFINITY);
    vec4 highest = vec4(MINUS_INFINITY);
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
            const uint counted = four & packBits(intervals.areUsable);
            const bvec4 count = notEqual(uvec4(counted) & uvec4(1u, 2u, 4u, 8u), uvec4(0u));
            const vec4 end = mix(vec4(MINUS_INFINITY), intervals.lower, count);
            const bvec4 isAllowed = notEqual(uvec4(four) & uvec4(1u, 2u, 4u, 8u), uvec4(0u));
            const vec4 reachable = mix(vec4(uintBitsToFloat(0x7F800000u)), intervals.upper, intervals.areUsable);
            highest = max(highest, mix(vec4(MINUS_INFINITY), reachable, isAllowed));
            best = mergeEnds(
                best,
                mergeEnds(
                    vec2(max(end.x, end.y), min(end.x, end.y)), vec2(max(end.z, end.w), min(end.z, end.w))));
        }
    }
    best = subgroupMergeEnds(best);
    const float top = subgroupMax(max(max(highest.x, highest.y), max(highest.z, highest.w)));
    if (gl_SubgroupInvocationID == 0u) ends[column * slabs + slab] = vec4(best, top, 0.0);
}
