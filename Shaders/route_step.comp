#version 450
// Chooses the plan of a step on the device, and fills the indirect arguments of the one chosen: the routing kernel of
// LLM-QP §6.5. One subgroup.
//
//   Counts of the mask's slabs → K of each batch row → the cheaper of two curves at the mean K, rounded up:
//   curve 0, the scan: its dispatches are copied from `scanArguments`;
//   curve 1, the gather: the mask is compacted, which writes the gather's arguments.
// What is not chosen keeps zero workgroups.
//
// PROBE: each invocation evaluates all curves at one K and leaves the choice and every time, for tests.

#include "subgroup.glsl"

layout(set = 0, binding = 1) readonly buffer Curves { uint curves[]; };
#include "cost_curve.glsl"

#if defined(PROBE)
layout(set = 0, binding = 0) readonly buffer TokenCounts { uint tokenCounts[]; };
layout(set = 0, binding = 2) writeonly buffer Results { uint results[]; };

layout(push_constant) uniform Constants {
    uint count;
};

void main() {
    const uint index = gl_GlobalInvocationID.x;
    if (index >= count) return;
    const uint K = tokenCounts[index];
    const uint curveCount = curves[1];
    const uint at = index * (1u + 2u * curveCount);
    results[at] = cheapest(K);
    for (uint curve = 0u; curve < curveCount; ++curve) {
        uvec2 time = nanoseconds(curve, K);
        results[at + 1u + 2u * curve] = time.x;
        results[at + 2u + 2u * curve] = time.y;
    }
}
#else
layout(set = 0, binding = 0) readonly buffer Counts { uint counts[]; };
// 0–3 the gather's arguments and partial results, then the scan's, then K and choice of each row, then the
// compaction's.
layout(set = 0, binding = 2) buffer State { uint state[]; };
layout(set = 0, binding = 3) readonly buffer ScanArguments { uint scanArguments[]; };

layout(push_constant) uniform Constants {
    uint slabs;
    uint batch;
    uint scanWords;       // words of `scanArguments`
    uint scanPartials;    // partial results that the scan leaves of a batch row
    uint totalsAt;        // where K and choice of each row go
    uint compactionAt;    // where the compaction's arguments go
};

const uint SCAN = 0u;

void main() {
    uint total = 0u;
    for (uint row = 0u; row < batch; ++row) {
        uint own = 0u;
        for (uint slab = gl_SubgroupInvocationID; slab < slabs; slab += SUBGROUP) own += counts[row * slabs + slab];
        own = subgroupAdd(own);
        if (gl_SubgroupInvocationID == 0u) state[totalsAt + row] = own;
        total += own;
    }
    if (gl_SubgroupInvocationID != 0u) return;
    const uint choice = cheapest((total + batch - 1u) / batch);
    for (uint row = 0u; row < batch; ++row) state[totalsAt + batch + row] = choice;
    if (choice == SCAN) {
        for (uint word = 0u; word < scanWords; ++word) state[4u + word] = scanArguments[word];
        state[3] = scanPartials;
        state[7] = 1u;
    } else {
        state[compactionAt] = slabs;
        state[compactionAt + 1u] = batch;
        state[compactionAt + 2u] = 1u;
    }
}
#endif
