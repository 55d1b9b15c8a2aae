#version 450
// Packed mask to ascending list of ids, in two dispatches of the same grid. Each subgroup owns a slab of words.
//
//   COUNT: writes the number of allowed ids of each slab.
//   WRITE: adds up the slabs before its own, then writes its ids behind them. The first subgroup of a row also writes
//          K and, of row 0, the workgroup count of the gather that follows.
//
// Words are 32 bits, least significant bit first; bits at or above V are ignored.

#include "subgroup.glsl"

layout(set = 0, binding = 0) readonly buffer Mask { uint mask[]; };
layout(set = 0, binding = 1) buffer Counts { uint counts[]; };
layout(set = 0, binding = 2) writeonly buffer IDs { uint ids[]; };
layout(set = 0, binding = 3) writeonly buffer Lists { uvec2 lists[]; };
// x, y, z of the indirect dispatch, then its number of subgroups: maxima over the batch, cleared beforehand.
layout(set = 0, binding = 4) buffer Arguments { uint arguments[]; };

layout(push_constant) uniform Constants {
    uint vocabularySize;
    uint maskWords;
    uint wordsPerLane;
    uint slabs;
    uint batch;
    uint rowsPerGroup;       // rows that one workgroup of the gather scores at a time
    uint maximumGroups;
    uint partialsPerGroup;   // partial results that one workgroup of the gather leaves over all windows of W
};

uint allowedBits(uint row, uint word) {
    if (word >= maskWords) return 0u;
    uint bits = mask[row * maskWords + word];
    uint valid = vocabularySize - word * 32u;
    return valid >= 32u ? bits : bits & ((1u << valid) - 1u);
}

void main() {
    const uint row = gl_WorkGroupID.y;
    const uint slab = gl_WorkGroupID.x * gl_NumSubgroups + gl_SubgroupID;
    if (slab >= slabs) return;
    const uint firstWord = slab * wordsPerLane * SUBGROUP;
#if defined(COUNT)
    uint count = 0u;
    for (uint step = 0u; step < wordsPerLane; ++step) {
        count += bitCount(allowedBits(row, firstWord + step * SUBGROUP + gl_SubgroupInvocationID));
    }
    count = subgroupAdd(count);
    if (gl_SubgroupInvocationID == 0u) counts[row * slabs + slab] = count;
#else
    uint before = 0u;
    uint total = 0u;
    for (uint index = gl_SubgroupInvocationID; index < slabs; index += SUBGROUP) {
        uint count = counts[row * slabs + index];
        before += index < slab ? count : 0u;
        total += count;
    }
    uint place = row * vocabularySize + subgroupAdd(before);
    for (uint step = 0u; step < wordsPerLane; ++step) {
        uint word = firstWord + step * SUBGROUP + gl_SubgroupInvocationID;
        uint bits = allowedBits(row, word);
        uint count = bitCount(bits);
        uint at = place + subgroupExclusiveAdd(count);
        while (bits != 0u) {
            ids[at++] = word * 32u + uint(findLSB(bits));
            bits &= bits - 1u;
        }
        place += subgroupAdd(count);
    }
    if (slab == 0u) {
        total = subgroupAdd(total);
        if (gl_SubgroupInvocationID == 0u) {
            lists[row] = uvec2(row * vocabularySize, total);
            uint groups = clamp((total + rowsPerGroup - 1u) / rowsPerGroup, 1u, maximumGroups);
            atomicMax(arguments[0], groups);
            atomicMax(arguments[1], batch);
            atomicMax(arguments[2], 1u);
            atomicMax(arguments[3], groups * partialsPerGroup);
        }
    }
#endif
}
