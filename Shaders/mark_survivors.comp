#version 450
// Marks the allowed rows that may be among the best two: those whose upper end reaches the second-largest lower end,
// and those without a usable interval. Each subgroup owns a slab of mask words, one word a lane at a time.
//
// Also counts them, by slab for the list and by batch row for the route; and the contenders, whose upper end reaches
// the largest lower end: where there is one, it is the token. With `tokenOnly` nothing but contenders is marked. Where
// no row at all has a usable interval, the count of contenders is zero, for then nothing is proven by it.
//
// SAMPLED also marks rows that may be drawn: that may pass min-p, and whose perturbed upper end reaches the largest
// perturbed lower end of those that surely do. The marks are read again there, so that none may be stale.

#include "subgroup.glsl"
#include "interval.glsl"
#include "sampling.glsl"

layout(set = 0, binding = 2) readonly buffer Reaches { vec2 reaches[]; };       // [batch]
layout(set = 0, binding = 3) readonly buffer Mask { uint mask[]; };             // [batch, maskWords]
layout(set = 0, binding = 4) readonly buffer Ends { vec4 ends[]; };             // [batch, slabs]
layout(set = 0, binding = 5) writeonly buffer Survivors { uint survivors[]; };  // [batch, maskWords]
layout(set = 0, binding = 6) writeonly buffer Counts { uint counts[]; };        // [batch, slabs]
// From totalsAt on: survivors of each batch row, then contenders of each; cleared beforehand.
layout(set = 0, binding = 7) buffer State { uint state[]; };
#if defined(SAMPLED)
layout(set = 0, binding = 8) readonly buffer Parameters { uint parameters[]; };
layout(set = 0, binding = 9) readonly buffer PerturbedEnds { float perturbedEnds[]; };  // [batch, slabs]
#endif

layout(push_constant) uniform Constants {
    uint vocabularySize;
    uint maskWords;
    uint wordsPerLane;
    uint slabs;
    uint batch;
    uint totalsAt;
    uint tokenOnly;
};

void main() {
    const uint column = gl_WorkGroupID.y;
    const uint slab = gl_WorkGroupID.x * gl_NumSubgroups + gl_SubgroupID;
    if (slab >= slabs) return;
    vec2 best = vec2(MINUS_INFINITY);
    for (uint index = gl_SubgroupInvocationID; index < slabs; index += SUBGROUP) {
        best = mergeEnds(best, ends[column * slabs + index].xy);
    }
    best = subgroupMergeEnds(best);
    const float needed = tokenOnly != 0u ? best.x : best.y;
    const uint firstWord = slab * wordsPerLane * SUBGROUP;
#if defined(SAMPLED)
    const Sampling sampling = READ_SAMPLING(column);
    const float possible = minimumScore(best.x, sampling);
    float drawn = MINUS_INFINITY;
    for (uint index = gl_SubgroupInvocationID; index < slabs; index += SUBGROUP) {
        drawn = max(drawn, perturbedEnds[column * slabs + index]);
    }
    drawn = subgroupMax(drawn);
    if (ends[column * slabs + slab].z < min(needed, possible)) {
        for (uint step = 0u; step < wordsPerLane; ++step) {
            const uint word = firstWord + step * SUBGROUP + gl_SubgroupInvocationID;
            if (word < maskWords) survivors[column * maskWords + word] = 0u;
        }
        if (gl_SubgroupInvocationID == 0u) counts[column * slabs + slab] = 0u;
        return;
    }
#else
    // Nobody in this slab gets there. Its marks are stale then: the list goes by its count.
    if (ends[column * slabs + slab].z < needed) {
        if (gl_SubgroupInvocationID == 0u) counts[column * slabs + slab] = 0u;
        return;
    }
#endif
    const bool isAnyKnown = best.x > MINUS_INFINITY;
    const uint fours = (vocabularySize + 3u) / 4u;
    const vec2 reach = reaches[column];
    uint count = 0u;
    uint contenders = 0u;
    for (uint step = 0u; step < wordsPerLane; ++step) {
        const uint word = firstWord + step * SUBGROUP + gl_SubgroupInvocationID;
        if (word >= maskWords) continue;
        const uint bits = validBits(mask[column * maskWords + word], word, vocabularySize);
        uint kept = 0u;
        for (uint part = 0u; part < 8u; ++part) {
            const uint four = bits >> (part * 4u) & 15u;
            if (four == 0u) continue;
            const uint index = word * 8u + part;
            const Intervals intervals =
                intervalsOf(FOUR(scores, column * fours + index), FOUR(coefficients, index), reach);
            const uint unknown = 15u & ~packBits(intervals.areUsable);
            kept |= (four & (unknown | packBits(greaterThanEqual(intervals.upper, vec4(needed))))) << (part * 4u);
#if defined(SAMPLED)
            const uint drawable = four & ~unknown & packBits(greaterThanEqual(intervals.upper, vec4(possible)));
            for (uint place = 0u; place < 4u; ++place) {
                if ((drawable >> place & 1u) == 0u) continue;
                const float end = perturbed(intervals.upper[place], index * 4u + place, sampling);
                if (end >= drawn) kept |= 1u << (part * 4u + place);
            }
#endif
            contenders += bitCount(four & (unknown | packBits(greaterThanEqual(intervals.upper, vec4(best.x)))));
        }
        survivors[column * maskWords + word] = kept;
        count += bitCount(kept);
    }
    count = subgroupAdd(count);
    contenders = isAnyKnown ? subgroupAdd(contenders) : 0u;
    if (gl_SubgroupInvocationID == 0u) {
        counts[column * slabs + slab] = count;
        if (count != 0u) atomicAdd(state[totalsAt + column], count);
        if (contenders != 0u) atomicAdd(state[totalsAt + batch + column], contenders);
    }
}
