#version 450
// Scores rows of a screening copy in blocks (blocks.glsl) against hidden states: all of them, or those of a list.
//
//   copy   [rows, unitsPerRow] units of 16 bytes
//   h      [batch, hVectors] vectors of four binary32, zero beyond d, whole pairs of blocks
//   result [batch, resultStride] binary32, by id
//
// LANES lanes share a row, each takes pairs of blocks: the products of four elements are a tree, a block adds its eight
// vectors one after another, the row its blocks times their scales; a butterfly adds the lanes. How rows are walked,
// and why a row carries one sum, is said in score.comp, whose bindings and constants these are.

#include "subgroup.glsl"
layout(constant_id = 2) const uint LANES = 1u;
#define H_VECTORS 8
#define UNITS 2
#include "repeat.glsl"
#include "blocks.glsl"

#if defined(SOURCE_TEXELS)
layout(set = 0, binding = 0) uniform usamplerBuffer copy;
layout(set = 0, binding = 1) uniform usamplerBuffer hidden;
#define UNIT(index) texelFetch(copy, int(index))
#define HIDDEN_VECTOR(index) uintBitsToFloat(texelFetch(hidden, int(index)))
#else
layout(set = 0, binding = 0) readonly buffer Copy { uvec4 copy[]; };
layout(set = 0, binding = 1) readonly buffer Hidden { vec4 hidden[]; };
#define UNIT(index) copy[index]
#define HIDDEN_VECTOR(index) hidden[index]
#endif
layout(set = 0, binding = 3) readonly buffer Allowed { uint allowed[]; };  // GATHER: ids, all lists behind one another
layout(set = 0, binding = 4) readonly buffer Lists { uvec2 lists[]; };     // GATHER: (offset, count) of each list
layout(set = 0, binding = 5) writeonly buffer Output { float result[]; };

layout(push_constant) uniform Constants {
    uint rowFirst;  // first row of the copy in this binding
    uint rowCount;
    uint unitsPerRow;
    uint hVectors;
    uint batch;
    uint resultStride;
    uint resultBase;
    uint maskWords;
    uint visitFirst;  // rows of this binding that a scan visits
    uint visitCount;
};

float dotFour(vec4 v, vec4 h) {
    const float low = fma(v.x, h.x, v.y * h.y);
    const float high = fma(v.z, h.z, v.w * h.w);
    return low + high;
}

#define ADD_LANES(distance) if (LANES > distance) sum += subgroupShuffleXor(sum, distance);
float laneSum(float sum) {
    ADD_LANES(1u) ADD_LANES(2u) ADD_LANES(4u) ADD_LANES(8u) ADD_LANES(16u) ADD_LANES(32u) ADD_LANES(64u)
    return sum;
}

void main() {
    const uint lane = gl_SubgroupInvocationID % LANES;
    const uint laneGroup = gl_SubgroupInvocationID / LANES;
    const uint laneGroups = SUBGROUP / LANES;
#if defined(GATHER)
    const uint subgroups = gl_NumWorkGroups.x * gl_NumSubgroups;
    const uint subgroup = gl_WorkGroupID.x * gl_NumSubgroups + gl_SubgroupID;
    const uint firstColumn = gl_WorkGroupID.y;
    const uint columnEnd = firstColumn + 1u;
    const uint items = lists[firstColumn].y;
    const uint listOffset = lists[firstColumn].x;
#else
    const uint subgroups = gl_NumWorkGroups.y * gl_NumSubgroups;
    const uint subgroup = gl_WorkGroupID.y * gl_NumSubgroups + gl_SubgroupID;
    const uint firstColumn = gl_WorkGroupID.x * COLUMNS;
    const uint columnEnd = min(firstColumn + COLUMNS, batch);
    const uint items = visitCount;
#endif
    const uint groupItems = (items + laneGroups - 1u) / laneGroups;
    const uint steps = (groupItems + subgroups * ROWS - 1u) / (subgroups * ROWS);
    const uint firstItem = subgroup * ROWS * steps;
    const uint stepEnd = firstItem < groupItems ? min(steps, groupItems - firstItem) : 0u;
    const uint pairs = hVectors / PAIR_VECTORS;
    const uint NO_ROW = 0xFFFFFFFFu;
// A column past the batch repeats the last one; its result is not stored.
#define COLUMN(r, u, p, n) const uint hBase##n = min(firstColumn + n, columnEnd - 1u) * hVectors;
    FOR_COLUMNS(COLUMN, 0, 0, 0)

    for (uint step = 0u; step < stepEnd; ++step) {
#define ITEM(r) const uint item##r = (firstItem + r * steps + step) * laneGroups + laneGroup;
        FOR_ROWS(ITEM)
#if defined(GATHER)
#define ROW(r) \
        const uint id##r = item##r < items ? allowed[listOffset + item##r] : NO_ROW; \
        const bool live##r = id##r - rowFirst < rowCount;
#define ANY_LIVE(r) || live##r
        FOR_ROWS(ROW)
        if (!subgroupAny(false FOR_ROWS(ANY_LIVE))) continue;
#else
#define ROW(r) \
        const uint id##r = item##r + visitFirst + rowFirst; \
        const bool live##r = item##r < items;
        FOR_ROWS(ROW)
#endif
#define BASE(r) const uint at##r = live##r ? (id##r - rowFirst) * unitsPerRow : 0u;
        FOR_ROWS(BASE)
#define ZERO_COLUMN(r, u, p, n) float sum##r##_##n = 0.0;
#define ZERO(r) FOR_COLUMNS(ZERO_COLUMN, r, 0, 0)
        FOR_ROWS(ZERO)
// All of a pair is asked for first; with the top bits asked for block by block a scan took a fifth longer.
#define LOAD_TOP(r, u) const uvec4 top##r##_##u = UNIT(at##r + place.top + u);
#define LOAD(r) \
            FOR_UNITS(LOAD_TOP, r) \
            const uvec4 further##r = UNIT(at##r + place.further); \
            const uint scales##r = UNIT(at##r + place.scales)[pair % 4u];
#define ADD_COLUMN(r, u, p, n) block##r##_##n += dotFour(v##r, h##n);
#define HIDDEN_COLUMN(r, u, p, n) const vec4 h##n = HIDDEN_VECTOR(hBase##n + pair * PAIR_VECTORS + u * BLOCK_VECTORS + p);
#define ADD_PART_ROW(r, u, p) { const vec4 v##r = blockVector(top##r##_##u, bits##r, p); FOR_COLUMNS(ADD_COLUMN, r, u, p) }
#define ADD_PART(r, u, p) { FOR_COLUMNS(HIDDEN_COLUMN, r, u, p) FOR_ROWS_OF(ADD_PART_ROW, u, p) }
#define START_COLUMN(r, u, p, n) float block##r##_##n = 0.0;
#define START(r, u, p) const uvec2 bits##r = furtherBits(further##r, pair, u); FOR_COLUMNS(START_COLUMN, r, u, p)
#define END_COLUMN(r, u, p, n) sum##r##_##n = fma(block##r##_##n, scale##r, sum##r##_##n);
#define END(r, u, p) const float scale##r = blockScale(scales##r, u); FOR_COLUMNS(END_COLUMN, r, u, p)
#define ADD_BLOCK(r, u) { FOR_ROWS_OF(START, u, 0) FOR_PARTS(ADD_PART, r, u) FOR_ROWS_OF(END, u, 0) }
        for (uint pair = lane; pair < pairs; pair += LANES) {
            const PairPlace place = placeOf(pair, pairs);
            FOR_ROWS(LOAD)
            FOR_UNITS(ADD_BLOCK, 0)
        }

// Lane l stores row l, so that one store serves LANES rows.
        uint mineID = 0u;
        bool mineLive = false;
#define MINE(r, u, p, n) float mine##n = 0.0;
        FOR_COLUMNS(MINE, 0, 0, 0)
#define STORE_COLUMN(r, u, p, n) \
            if (mineLive && firstColumn + n < columnEnd) result[(firstColumn + n) * resultStride + mineID] = mine##n;
#define TAKE_COLUMN(r, u, p, n) { const float total = laneSum(sum##r##_##n); mine##n = isMine ? total : mine##n; }
#define TAKE(r) { \
            const bool isMine = lane == r % LANES; \
            mineID = isMine ? id##r : mineID; \
            mineLive = (r % LANES != 0u && mineLive) || (isMine && live##r); \
            FOR_COLUMNS(TAKE_COLUMN, r, 0, 0) \
            if (r % LANES == LANES - 1u || r == ROWS - 1u) { FOR_COLUMNS(STORE_COLUMN, r, 0, 0) } \
        }
        FOR_ROWS(TAKE)
    }
}
