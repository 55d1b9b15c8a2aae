#version 450
// Marked rows to ascending lists of ids, behind the counts of earlier slabs as in compact_mask.comp, and the route of
// what follows: the gather's indirect arguments, or, where the survivors of any batch row exceed the list, those of
// the masked scan of all rows. One dense row streams W for the whole batch, so then nobody gathers.

#include "subgroup.glsl"

layout(set = 0, binding = 0) readonly buffer Survivors { uint survivors[]; };  // [batch, maskWords]
layout(set = 0, binding = 1) readonly buffer Counts { uint counts[]; };        // [batch, slabs]
// x, y, z of the gather and the number of partial results of a row; then x, y, z of each window's scan and one word,
// the first of which says whether the step fell back; from totalsAt on what mark_survivors.comp counted.
layout(set = 0, binding = 2) buffer State { uint state[]; };
layout(set = 0, binding = 3) writeonly buffer IDs { uint ids[]; };             // [batch, capacity]
layout(set = 0, binding = 4) writeonly buffer Lists { uvec2 lists[]; };
layout(set = 0, binding = 5) readonly buffer Fallback { uint fallback[]; };    // x, y, z, 0 of each window's scan

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
};

void main() {
    const uint row = gl_WorkGroupID.y;
    const uint slab = gl_WorkGroupID.x * gl_NumSubgroups + gl_SubgroupID;
    if (slab >= slabs) return;
    uint longest = 0u;
    for (uint index = gl_SubgroupInvocationID; index < batch; index += SUBGROUP) {
        longest = max(longest, state[totalsAt + index]);
    }
    longest = subgroupMax(longest);
    const bool overflows = longest > capacity;
    if (slab == 0u && row == 0u) {
        const uint groups = clamp((longest + rowsPerGroup - 1u) / rowsPerGroup, 1u, maximumGroups);
        if (gl_SubgroupInvocationID == 0u) {
            state[0] = overflows ? 0u : groups;
            state[1] = overflows ? 0u : batch;
            state[2] = overflows ? 0u : 1u;
            state[3] = overflows ? scanPartials : groups * partialsPerGroup;
        }
        for (uint index = gl_SubgroupInvocationID; index < scanWindows * 4u; index += SUBGROUP) {
            state[4u + index] = overflows ? (index == 3u ? 1u : fallback[index]) : 0u;
        }
    }
    if (slab == 0u && gl_SubgroupInvocationID == 0u) {
        lists[row] = uvec2(row * capacity, overflows ? 0u : state[totalsAt + row]);
    }
    if (overflows) return;
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
            ids[at++] = word * 32u + uint(findLSB(bits));
            bits &= bits - 1u;
        }
        place += subgroupAdd(count);
    }
}
