#version 450
// One pass of a radix search for the last token that top-k or top-p keeps: weights of the candidates, added up by the
// next eight bits of their place.
//
// A place is the score's key (four passes) and then the id's complement (one to three): a falling order of places is
// one of falling scores and rising ids, and no two tokens share one, so ties at the cut need no case of their own. Only
// candidates count whose earlier bits are those that select_digit.comp chose. Weights are integers, so their sums do
// not depend on who adds first. z: which search, of those in `kinds`, four bits each.

#include "subgroup.glsl"
#include "top2.glsl"
#include "candidates.glsl"
#include "sampling.glsl"

layout(set = 0, binding = 2) readonly buffer Parameters { uint parameters[]; };
layout(set = 0, binding = 3) readonly buffer Records { uint records[]; };  // word 1 of a row: its best score
layout(set = 0, binding = 4) readonly buffer State { uint state[]; };      // as select_digit.comp has it
layout(set = 0, binding = 5) buffer Bins { uint bins[]; };                 // [batch, KINDS, BINS] of two words

shared uint localBins[BINS * 2u];

uint kind;
float best;
float inverse;
uint cutKey;
uint cutPlace;
uint idBytes;

void visit(uint id, float score) {
    if (!isFinite(score)) return;
    const uint key = keyOf(score);
    uint digit;
    if (pass < 4u) {
        if (pass > 0u && (key ^ cutKey) >> (32u - 8u * pass) != 0u) return;
        digit = key >> (24u - 8u * pass) & 255u;
    } else {
        const uint place = (1u << (8u * idBytes)) - 1u - id;
        const uint above = 8u * (idBytes + 4u - pass);
        if (key != cutKey || (place ^ cutPlace) >> above != 0u) return;
        digit = place >> (above - 8u) & 255u;
    }
    precise float distance = best - score;
    const uvec2 weight = kind == COUNT ? uvec2(1u, 0u) : weightOf(distance, inverse);
    const uint old = atomicAdd(localBins[2u * digit], weight.x);
    const uint high = weight.y + (old + weight.x < old ? 1u : 0u);
    if (high != 0u) atomicAdd(localBins[2u * digit + 1u], high);
}

#if defined(SINGLE_SUBGROUP)
#define SYNCHRONIZE subgroupBarrier()
#else
#define SYNCHRONIZE barrier()
#endif

void main() {
    const uint row = gl_WorkGroupID.y;
    kind = kinds >> (4u * gl_WorkGroupID.z) & 15u;
    const uint at = (row * KINDS + kind) * STATE_WORDS;
    const Sampling sampling = READ_SAMPLING(row);
    // Nothing is searched for, or it is known that all are kept.
    if (pass > 0u && (state[at + 2u] | state[at + 3u]) == 0u) return;
    if (kind == COUNT && sampling.topK == NO_TOP_K || kind == MASS && sampling.topP == 0u) return;
    best = uintBitsToFloat(records[row * RECORD_WORDS + 1u]);
    inverse = kind == TOTAL ? 1.0 : sampling.inverse;
    cutKey = state[at];
    cutPlace = state[at + 1u];
    idBytes = (uint(findMSB(max(vocabularySize - 1u, 1u))) + 8u) / 8u;
    for (uint index = gl_LocalInvocationIndex; index < BINS * 2u; index += gl_WorkGroupSize.x) localBins[index] = 0u;
    SYNCHRONIZE;
    visitAll(row);
    SYNCHRONIZE;
    const uint first = (row * KINDS + kind) * BINS * 2u;
    for (uint bin = gl_LocalInvocationIndex; bin < BINS; bin += gl_WorkGroupSize.x) {
        const uint low = localBins[2u * bin];
        uint high = localBins[2u * bin + 1u];
        if ((low | high) == 0u) continue;
        const uint old = atomicAdd(bins[first + 2u * bin], low);
        high += old + low < old ? 1u : 0u;
        if (high != 0u) atomicAdd(bins[first + 2u * bin + 1u], high);
    }
}
