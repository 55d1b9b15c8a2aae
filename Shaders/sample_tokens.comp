#version 450
// The highest perturbed score among the tokens that min-p, top-k and top-p keep, and how many they keep: one partial
// result for each subgroup, of four words: perturbed score, id, score, kept. Bit 0 of `kinds` says that top-k was
// searched, bit 1 that top-p was.

#include "subgroup.glsl"
#include "top2.glsl"
#include "candidates.glsl"
#include "sampling.glsl"

layout(set = 0, binding = 2) readonly buffer Parameters { uint parameters[]; };
layout(set = 0, binding = 3) readonly buffer Records { uint records[]; };
layout(set = 0, binding = 4) readonly buffer State { uint state[]; };
layout(set = 0, binding = 5) writeonly buffer Draws { uint draws[]; };

Sampling sampling;
float minimum;
uvec2 cuts[2];
float highest = EMPTY_SCORE;
uint chosen = NO_TOKEN;
float chosenScore = EMPTY_SCORE;
uint kept = 0u;

void visit(uint id, float score) {
    if (!isFinite(score) || score < minimum) return;
    const uint idBytes = (uint(findMSB(max(vocabularySize - 1u, 1u))) + 8u) / 8u;
    const uvec2 place = uvec2(keyOf(score), (1u << (8u * idBytes)) - 1u - id);
    for (uint kind = 0u; kind < 2u; ++kind) {
        if (place.x < cuts[kind].x || (place.x == cuts[kind].x && place.y < cuts[kind].y)) return;
    }
    kept += 1u;
    const float value = perturbed(score, id, sampling);
    if (wins(value, id, highest, chosen)) {
        highest = value;
        chosen = id;
        chosenScore = score;
    }
}

void main() {
    const uint row = gl_WorkGroupID.y;
    sampling = READ_SAMPLING(row);
    minimum = minimumScore(uintBitsToFloat(records[row * RECORD_WORDS + 1u]), sampling);
    for (uint kind = 0u; kind < 2u; ++kind) {
        const uint at = (row * KINDS + kind) * STATE_WORDS;
        cuts[kind] = uvec2(state[at], state[at + 1u]);
    }
    // A row that asks for a search which was not recorded draws nothing, rather than from too many.
    const uint asked = (sampling.topK != NO_TOP_K ? 1u : 0u) | (sampling.topP != 0u ? 2u : 0u);
    if ((asked & ~kinds) == 0u) visitAll(row);
    for (uint distance = 1u; distance < SUBGROUP; distance <<= 1) {
        const float value = subgroupShuffleXor(highest, distance);
        const uint id = subgroupShuffleXor(chosen, distance);
        const float score = subgroupShuffleXor(chosenScore, distance);
        if (wins(value, id, highest, chosen)) {
            highest = value;
            chosen = id;
            chosenScore = score;
        }
    }
    kept = subgroupAdd(kept);
    if (gl_SubgroupInvocationID != 0u) return;
    const uint at = (row * gl_NumWorkGroups.x * gl_NumSubgroups + subgroupIndex()) * 4u;
    draws[at] = floatBitsToUint(highest);
    draws[at + 1u] = chosen;
    draws[at + 2u] = floatBitsToUint(chosenScore);
    draws[at + 3u] = kept;
}
