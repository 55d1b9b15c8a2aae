#version 450
// Merges the draws of one batch row into the second half of its record; one subgroup a batch row.

#include "subgroup.glsl"
#include "top2.glsl"

// [batch, drawCount], as sample_tokens.comp leaves them.
layout(set = 0, binding = 0) readonly buffer Draws { uint draws[]; };
layout(set = 0, binding = 1) readonly buffer State { uint state[]; };
layout(set = 0, binding = 2) buffer Records { uint records[]; };

layout(push_constant) uniform Constants {
    uint drawCount;
    uint isPartial;   // whether kept tokens that could not be drawn were left out, so that nobody can count them
    uint totalAt;     // where a row's state has the sum of weights at temperature 1
    uint stateWords;  // of a row
};

// Of a record: token, its score, its perturbed score, kept, sum of weights.
const uint SAMPLE_AT = 8u;
const uint FLAG_SAMPLED = 16u;

void main() {
    const uint row = gl_WorkGroupID.x;
    float highest = EMPTY_SCORE;
    uint chosen = NO_TOKEN;
    uint chosenScore = floatBitsToUint(EMPTY_SCORE);
    uint kept = 0u;
    for (uint index = gl_SubgroupInvocationID; index < drawCount; index += SUBGROUP) {
        const uint at = (row * drawCount + index) * 4u;
        kept += draws[at + 3u];
        if (wins(uintBitsToFloat(draws[at]), draws[at + 1u], highest, chosen)) {
            highest = uintBitsToFloat(draws[at]);
            chosen = draws[at + 1u];
            chosenScore = draws[at + 2u];
        }
    }
    for (uint distance = 1u; distance < SUBGROUP; distance <<= 1) {
        const float value = subgroupShuffleXor(highest, distance);
        const uint id = subgroupShuffleXor(chosen, distance);
        const uint score = subgroupShuffleXor(chosenScore, distance);
        if (wins(value, id, highest, chosen)) {
            highest = value;
            chosen = id;
            chosenScore = score;
        }
    }
    kept = subgroupAdd(kept);
    if (gl_SubgroupInvocationID != 0u) return;
    const uint at = row * RECORD_WORDS;
    records[at + 5u] |= FLAG_SAMPLED;
    records[at + SAMPLE_AT] = chosen;
    records[at + SAMPLE_AT + 1u] = chosenScore;
    records[at + SAMPLE_AT + 2u] = floatBitsToUint(highest);
    records[at + SAMPLE_AT + 3u] = isPartial != 0u ? 0xFFFFFFFFu : kept;
    records[at + SAMPLE_AT + 4u] = state[row * stateWords + totalAt];
    records[at + SAMPLE_AT + 5u] = state[row * stateWords + totalAt + 1u];
}
