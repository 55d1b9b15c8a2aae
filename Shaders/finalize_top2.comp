#version 450
// Merges the partial results of one batch row into its record; one workgroup a batch row.
//
// Also looks for NaN and infinities in h, since the row is read anyway by few lanes and an error must reach the host
// without another dispatch. With one subgroup a workgroup (SINGLE_SUBGROUP) there is no barrier, which software
// rasterisers execute slowly.

#include "subgroup.glsl"
#include "top2.glsl"

layout(set = 0, binding = 0) readonly buffer Partials { uint partials[]; };
layout(set = 0, binding = 1) readonly buffer Hidden { vec4 hidden[]; };
// Word 3 of `arguments` holds the number of partial results where only the device knows it; of a filtered step,
// word 7 says what came of it.
layout(set = 0, binding = 2) readonly buffer Arguments { uint arguments[]; };
layout(set = 0, binding = 3) writeonly buffer Records { uint records[]; };

layout(push_constant) uniform Constants {
    uint partialStride;
    uint partialCount;  // all ones: read it from `arguments`
    uint hVectors;
    uint totalsAt;  // where `arguments` counts the survivors of each batch row, then the contenders; all ones: no filter
};

// Of a record: token, its score, runner-up, its score, rows without a finite score, flags, survivors, contenders.
const uint FLAG_HIDDEN_NOT_FINITE = 1u;
// Flags 2, 4 and 8: what came of a filtered step, as list_survivors.comp left it.

#if !defined(SINGLE_SUBGROUP)
const uint MAXIMUM_SUBGROUPS = 128u;
shared TopTwo shared_top[MAXIMUM_SUBGROUPS];
shared uint shared_flags[MAXIMUM_SUBGROUPS];
#endif

void main() {
    const uint row = gl_WorkGroupID.x;
    const uint count = partialCount == 0xFFFFFFFFu ? arguments[3] : partialCount;
    TopTwo top = EMPTY_TOP_TWO;
    for (uint index = gl_LocalInvocationIndex; index < count; index += gl_WorkGroupSize.x) {
        uint at = (row * partialStride + index) * TOP_TWO_WORDS;
        TopTwo part = TopTwo(uintBitsToFloat(partials[at]), partials[at + 1u], uintBitsToFloat(partials[at + 2u]),
            partials[at + 3u], partials[at + 4u]);
        top = merge(top, part);
    }
    bool allFinite = true;
    for (uint index = gl_LocalInvocationIndex; index < hVectors; index += gl_WorkGroupSize.x) {
        vec4 h = hidden[row * hVectors + index];
        allFinite = allFinite && isFinite(h.x) && isFinite(h.y) && isFinite(h.z) && isFinite(h.w);
    }
    top = subgroupMerge(top);
    uint flags = subgroupAll(allFinite) ? 0u : FLAG_HIDDEN_NOT_FINITE;
#if !defined(SINGLE_SUBGROUP)
    if (gl_SubgroupInvocationID == 0u) {
        shared_top[gl_SubgroupID] = top;
        shared_flags[gl_SubgroupID] = flags;
    }
    barrier();
    if (gl_SubgroupID != 0u) return;
    top = EMPTY_TOP_TWO;
    flags = 0u;
    for (uint index = gl_SubgroupInvocationID; index < gl_NumSubgroups; index += SUBGROUP) {
        top = merge(top, shared_top[index]);
        flags |= shared_flags[index];
    }
    top = subgroupMerge(top);
    flags = subgroupOr(flags);
#endif
    if (gl_SubgroupInvocationID == 0u) {
        uint at = row * RECORD_WORDS;
        records[at] = top.bestID;
        records[at + 1u] = floatBitsToUint(top.best);
        records[at + 2u] = top.secondID;
        records[at + 3u] = floatBitsToUint(top.second);
        records[at + 4u] = top.nonFinite;
        const bool isFiltered = totalsAt != 0xFFFFFFFFu;
        records[at + 5u] = flags | (isFiltered ? arguments[7] << 1 : 0u);
        records[at + 6u] = isFiltered ? arguments[totalsAt + row] : 0u;
        records[at + 7u] = isFiltered ? arguments[totalsAt + gl_NumWorkGroups.x + row] : 0u;
    }
}
