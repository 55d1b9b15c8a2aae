#version 450
// Chooses the next eight bits of a search: the bin in which the weights, added up from the highest place down, reach
// what is looked for. One subgroup for each batch row (x) and search (y); leaves the bins empty.
//
// State of a search, STATE_WORDS: key and complement of the id of the last token kept, zero in bits not yet chosen, so
// that nothing chosen keeps all; what is still to be reached, low word first, zero where all are kept; the sum of all
// weights.

#include "subgroup.glsl"
#include "sampling.glsl"

layout(set = 0, binding = 0) readonly buffer Parameters { uint parameters[]; };
layout(set = 0, binding = 1) buffer State { uint state[]; };
layout(set = 0, binding = 2) buffer Bins { uint bins[]; };

layout(push_constant) uniform Constants {
    uint vocabularySize;
    uint pass;
    uint kinds;
};

const uint STATE_WORDS = 8u;
const uint KINDS = 3u;
const uint COUNT = 0u;
const uint MASS = 1u;
const uint BINS = 256u;

bool isLess(uvec2 a, uvec2 b) { return a.y < b.y || (a.y == b.y && a.x < b.x); }

uvec2 addWide(uvec2 a, uvec2 b) {
    uint carry;
    const uint low = uaddCarry(a.x, b.x, carry);
    return uvec2(low, a.y + b.y + carry);
}

uvec2 subtractWide(uvec2 a, uvec2 b) {
    uint borrow;
    const uint low = usubBorrow(a.x, b.x, borrow);
    return uvec2(low, a.y - b.y - borrow);
}

// ⌈share · 2⁻³² · total⌉
uvec2 shareOf(uint share, uvec2 total) {
    uint high0, low0, high1, low1;
    umulExtended(share, total.x, high0, low0);
    umulExtended(share, total.y, high1, low1);
    return addWide(addWide(uvec2(low1, high1), uvec2(high0, 0u)), uvec2(low0 == 0u ? 0u : 1u, 0u));
}

void main() {
    const uint row = gl_WorkGroupID.x;
    const uint kind = kinds >> (4u * gl_WorkGroupID.y) & 15u;
    const uint at = (row * KINDS + kind) * STATE_WORDS;
    const uint first = (row * KINDS + kind) * BINS * 2u;
    const Sampling sampling = READ_SAMPLING(row);
    uvec2 needed = pass == 0u ? uvec2(0u) : uvec2(state[at + 2u], state[at + 3u]);
    if (pass > 0u && (needed.x | needed.y) == 0u) return;
    // Each lane owns a run of bins; lane 0 the highest.
    const uint each = BINS / SUBGROUP;
    const uint top = BINS - 1u - gl_SubgroupInvocationID * each;
    uvec2 sum = uvec2(0u);
    for (uint index = 0u; index < each; ++index) {
        const uint bin = first + 2u * (top - index);
        sum = addWide(sum, uvec2(bins[bin], bins[bin + 1u]));
    }
    uvec2 before = uvec2(0u);
    uvec2 total = uvec2(0u);
    for (uint lane = 0u; lane < SUBGROUP; ++lane) {
        const uvec2 other = uvec2(subgroupShuffle(sum.x, lane), subgroupShuffle(sum.y, lane));
        if (lane < gl_SubgroupInvocationID) before = addWide(before, other);
        total = addWide(total, other);
    }
    if (pass == 0u) {
        // More than there is is never reached, and keeps all.
        if (kind == COUNT) needed = uvec2(sampling.topK, 0u);
        if (kind == MASS) needed = shareOf(sampling.topP, total);
        if (gl_SubgroupInvocationID == 0u) {
            state[at + 4u] = total.x;
            state[at + 5u] = total.y;
        }
    }
    // One lane writes what all have read.
    subgroupBarrier();
    bool isFound = !isLess(before, needed);
    for (uint index = 0u; index < each; ++index) {
        const uint bin = first + 2u * (top - index);
        const uvec2 after = addWide(before, uvec2(bins[bin], bins[bin + 1u]));
        if (!isFound && !isLess(after, needed)) {
            isFound = true;
            const uint digit = top - index;
            const uint idBytes = (uint(findMSB(max(vocabularySize - 1u, 1u))) + 8u) / 8u;
            if (pass < 4u) state[at] |= digit << (24u - 8u * pass);
            else state[at + 1u] |= digit << (8u * (idBytes + 3u - pass));
            // A bin that is kept whole ends the search: zero bits after its own keep all of it.
            const uvec2 left = after == needed ? uvec2(0u) : subtractWide(needed, before);
            state[at + 2u] = left.x;
            state[at + 3u] = left.y;
        }
        before = after;
        bins[bin] = 0u;
        bins[bin + 1u] = 0u;
    }
}
