#version 450
// Marked rows to ascending lists of ids, behind the counts of earlier slabs as in compact_mask.comp, and the route of
// what follows: the gather's indirect arguments, or, where the survivors of any batch row exceed the list, those of
// the masked scan of all rows. One dense row streams W for the whole batch, so then nobody gathers. With `tokenOnly`,
// where every batch row has one contender, neither runs: each contender becomes a partial result without a score.

#include "subgroup.glsl"
#include "top2.glsl"

layout(set = 0, binding = 0) readonly buffer Survivors { uint survivors[]; };  // [batch, maskWords]
layout(set = 0, binding = 1) readonly buffer Counts { uint counts[]; };        // [batch, slabs]
// x, y, z of the gather and the number of partial results of a row; then x, y, z of each window's scan and one word,
// the first of which says what came of the step (bits: 1 fell back, 2 nothing scored, 4 token only); from totalsAt on
// what mark_survivors.comp counted.
layout(set = 0, binding = 2) buffer State { uint state[]; };
layout(set = 0, binding = 3) writeonly buffer IDs { uint ids[]; };             // [batch, capacity]
layout(set = 0, binding = 4) writeonly buffer Lists { uvec2 lists[]; };
layout(set = 0, binding = 5) readonly buffer Fallback { uint fallback[]; };    // x, y, z, 0 of each window's scan
layout(set = 0, binding = 6) writeonly buffer Partials { uint partials[]; };   // as top2.glsl has them

layout(push_constant) uniform Constants {
    uint maskWords;
    uint wordsPerLane;
    uint slabs;
    uint batch;
    uint totalsAt;
    uint capacity;
    uint rowsPerGroup;      // rows that one workgroup of the gather scores at a time
    uint maximumGroups;
    uint partialsPerGroup;  // partial results that one workgroup of the gather leaves over all windows of W
    uint scanWindows;
    uint scanPartials;
    uint partialStride;
    uint tokenOnly;
};

void main() {
    const uint row = gl_WorkGroupID.y;
    const uint slab = gl_WorkGroupID.x * gl_NumSubgroups + gl_SubgroupID;
    if (slab >= slabs) return;
    uint longest = 0u;
    bool isProven = tokenOnly != 0u;
    for (uint index = gl_SubgroupInvocationID; index < batch; index += SUBGROUP) {
        longest = max(longest, state[totalsAt + index]);
        isProven = isProven && state[totalsAt + batch + index] == 1u;
    }
    longest = subgroupMax(longest);
    isProven = subgroupAll(isProven);
    const bool overflows = longest > capacity;
    if (slab == 0u && row == 0u) {
        const uint groups = clamp((longest + rowsPerGroup - 1u) / rowsPerGroup, 1u, maximumGroups);
        if (gl_SubgroupInvocationID == 0u) {
            const bool gathers = !overflows && !isProven;
            state[0] = gathers ? groups : 0u;
            state[1] = gathers ? batch : 0u;
            state[2] = gathers ? 1u : 0u;
            state[3] = overflows ? scanPartials : isProven ? 1u : groups * partialsPerGroup;
        }
        for (uint index = gl_SubgroupInvocationID; index < scanWindows * 4u; index += SUBGROUP) {
            const uint outcome = overflows ? 1u : (isProven ? 2u : 0u) | (tokenOnly != 0u ? 4u : 0u);
            state[4u + index] = index == 3u ? outcome : overflows ? fallback[index] : 0u;
        }
    }
    if (slab == 0u && gl_SubgroupInvocationID == 0u) {
        lists[row] = uvec2(row * capacity, overflows ? 0u : state[totalsAt + row]);
    }
    if (overflows || counts[row * slabs + slab] == 0u) return;
    uint before = 0u;
    for (uint index = gl_SubgroupInvocationID; index < slab; index += SUBGROUP) before += counts[row * slabs + index];
    uint place = row * capacity + subgroupAdd(before);
    const uint firstWord = slab * wordsPerLane * SUBGROUP;
    for (uint step = 0u; step < wordsPerLane; ++step) {
        const uint word = firstWord + step * SUBGROUP + gl_SubgroupInvocationID;
        uint bits = word < maskWords ? survivors[row * maskWords + word] : 0u;
        const uint count = bitCount(bits);
        uint at = place + subgroupExclusiveAdd(count);
        while (bits != 0u) {
            const uint id = word * 32u + uint(findLSB(bits));
            ids[at++] = id;
            if (isProven) {
                const uint to = row * partialStride * TOP_TWO_WORDS;
                partials[to] = floatBitsToUint(EMPTY_SCORE);
                partials[to + 1u] = id;
                partials[to + 2u] = floatBitsToUint(EMPTY_SCORE);
                partials[to + 3u] = NO_TOKEN;
                partials[to + 4u] = 0u;
            }
            bits &= bits - 1u;
        }
        place += subgroupAdd(count);
    }
}
