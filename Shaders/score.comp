#version 450
// Scores rows of W against hidden states: scan (every row), gather (rows by id), masked scan; writes the scores, or
// keeps only the best two of each subgroup.
//
//   W      [rows, unitsPerRow] units of 16 bytes, row-major, or interleaved by eight rows (INTERLEAVED)
//   h      [batch, hVectors] vectors of four binary32
//   scales [V] binary32, one a row (ELEMENT_INT8)
//
// LANES lanes share a row: lane l takes units l, l + LANES, … and four partial sums, then a butterfly adds the lanes.
// That order depends on LANES alone, so scan and gather of one LANES give the same bits, whatever ROWS (rows a lane
// group has in flight), COLUMNS (hidden states in flight), workgroup size, layout or source of W.
// No barrier and no shared memory: both are slow on software rasterisers, and nothing here needs them.

#include "subgroup.glsl"
layout(constant_id = 2) const uint LANES = 1u;
#include "repeat.glsl"
#include "elements.glsl"

#if defined(SOURCE_TEXELS)
layout(set = 0, binding = 0) uniform usamplerBuffer weights;
layout(set = 0, binding = 1) uniform usamplerBuffer hidden;
#define WEIGHT_UNIT(index) texelFetch(weights, int(index))
#define HIDDEN_VECTOR(index) uintBitsToFloat(texelFetch(hidden, int(index)))
#else
layout(set = 0, binding = 0) readonly buffer Weights { uvec4 weights[]; };
layout(set = 0, binding = 1) readonly buffer Hidden { vec4 hidden[]; };
#define WEIGHT_UNIT(index) weights[index]
#define HIDDEN_VECTOR(index) hidden[index]
#endif
layout(set = 0, binding = 2) readonly buffer Scales { float scales[]; };
// GATHER: ids, all lists behind one another. MASKED: packed words, maskWords a column.
layout(set = 0, binding = 3) readonly buffer Allowed { uint allowed[]; };
// GATHER: (offset, count) of each batch row's list.
layout(set = 0, binding = 4) readonly buffer Lists { uvec2 lists[]; };
layout(set = 0, binding = 5) writeonly buffer Output { uint result[]; };

layout(push_constant) uniform Constants {
    uint rowFirst;  // first row of W in this binding
    uint rowCount;  // rows of W in this binding
    uint unitsPerRow;
    uint hVectors;
    uint batch;
    uint resultStride;  // scores of one column, or partial results of one column
    uint resultBase;    // subgroups of the bindings before this one; for GATHER the number of those bindings
    uint maskWords;
    uint visitFirst;    // rows of this binding that a scan visits
    uint visitCount;
};

#if defined(TOP_TWO)
#include "top2.glsl"
void store(TopTwo top, uint column, uint place) {
    uint at = (column * resultStride + place) * TOP_TWO_WORDS;
    result[at] = floatBitsToUint(top.best);
    result[at + 1u] = top.bestID;
    result[at + 2u] = floatBitsToUint(top.second);
    result[at + 3u] = top.secondID;
    result[at + 4u] = top.nonFinite;
}
#endif

float laneSum(vec4 partial) {
    precise float sum = (partial.x + partial.y) + (partial.z + partial.w);
    for (uint distance = 1u; distance < LANES; distance <<= 1) {
        precise float other = subgroupShuffleXor(sum, distance);
        sum = sum + other;
    }
    return sum;
}

void main() {
    const uint lane = gl_SubgroupInvocationID % LANES;
    const uint laneGroup = gl_SubgroupInvocationID / LANES;
    const uint laneGroups = SUBGROUP / LANES;
#if defined(GATHER)
    const uint subgroups = gl_NumWorkGroups.x * gl_NumSubgroups;
    const uint subgroup = gl_WorkGroupID.x * gl_NumSubgroups + gl_SubgroupID;
    const uint list = gl_WorkGroupID.y;
    const uint items = lists[list].y;
    const uint listOffset = lists[list].x;
    const uint firstColumn = list;
    const uint columnEnd = list + 1u;
#else
    // The column tiles of one range of rows are neighbours in x, so that they share its rows in the caches.
    const uint subgroups = gl_NumWorkGroups.y * gl_NumSubgroups;
    const uint subgroup = gl_WorkGroupID.y * gl_NumSubgroups + gl_SubgroupID;
    const uint items = visitCount;
    const uint firstColumn = gl_WorkGroupID.x * COLUMNS;
    const uint columnEnd = min(firstColumn + COLUMNS, batch);
#endif
    const uint blockItems = laneGroups * ROWS;
    const uint blocks = (items + blockItems - 1u) / blockItems;
    const uint blocksEach = (blocks + subgroups - 1u) / subgroups;
    const uint blockEnd = min((subgroup + 1u) * blocksEach, blocks);
#if defined(TOP_TWO)
#define START(n) TopTwo top##n = EMPTY_TOP_TWO;
    FOR_COLUMNS(START)
#endif

// A column past the batch repeats the last one; its result is not stored.
#define COLUMN(n) const uint hBase##n = min(firstColumn + n, columnEnd - 1u) * hVectors;
    FOR_COLUMNS(COLUMN)

    for (uint block = subgroup * blocksEach; block < blockEnd; ++block) {
#if defined(GATHER)
#define ROW(r) \
        const uint item##r = block * blockItems + r * laneGroups + laneGroup; \
        const uint id##r = item##r < items ? allowed[listOffset + item##r] : NO_ROW; \
        const uint row##r = id##r - rowFirst; \
        const bool live##r = row##r < rowCount;
#else
#define ROW(r) \
        const uint item##r = block * blockItems + r * laneGroups + laneGroup; \
        const uint row##r = item##r + visitFirst; \
        const uint id##r = row##r + rowFirst; \
        const bool live##r = item##r < items;
#endif
#if defined(INTERLEAVED)
#define UNIT_STRIDE 8u
#define BASE(r) const uint at##r = live##r ? (row##r / 8u) * 8u * unitsPerRow + row##r % 8u : 0u;
#else
#define UNIT_STRIDE 1u
#define BASE(r) const uint at##r = live##r ? row##r * unitsPerRow : 0u;
#endif
        const uint NO_ROW = 0xFFFFFFFFu;
        FOR_ROWS(ROW)
        FOR_ROWS(BASE)
#if defined(GATHER)
// Rows of another binding are scored by its own dispatch.
#define ANY_LIVE(r) || live##r
        if (!subgroupAny(false FOR_ROWS(ANY_LIVE))) continue;
#endif
#if defined(SKIPPING)
#define WANT_COLUMN(r, n) || IS_ALLOWED(r, n)
#define WANTED(r) || (live##r && (false FOR_COLUMNS_OF(WANT_COLUMN, r)))
#endif
#if defined(MASKED)
#define IS_ALLOWED(r, n) ((allowed[(min(firstColumn + n, columnEnd - 1u)) * maskWords + (id##r >> 5)] >> (id##r & 31u) & 1u) != 0u)
#else
#define IS_ALLOWED(r, n) true
#endif
#if defined(SKIPPING)
        if (!subgroupAny(false FOR_ROWS(WANTED))) continue;
#endif

#define ZERO_COLUMN(r, n) precise vec4 sum##r##_##n = vec4(0.0);
#define ZERO(r) FOR_COLUMNS_OF(ZERO_COLUMN, r)
        FOR_ROWS(ZERO)
        for (uint unit = lane; unit < unitsPerRow; unit += LANES) {
#define LOAD(r) const uvec4 w##r = WEIGHT_UNIT(at##r + unit * UNIT_STRIDE);
            FOR_ROWS(LOAD)
#define ADD_COLUMN(r, n) sum##r##_##n = fma(v##r, h##n, sum##r##_##n);
#define ADD(r) { const vec4 v##r = weightVector(w##r, part); FOR_COLUMNS_OF(ADD_COLUMN, r) }
#define HIDDEN(n) const vec4 h##n = HIDDEN_VECTOR(hBase##n + unit * H_VECTORS + part);
#define PART(p) { const uint part = p; FOR_COLUMNS(HIDDEN) FOR_ROWS(ADD) }
            FOR_PARTS(PART)
        }

#if defined(ELEMENT_INT8)
#define SCALE(r) const float scale##r = scales[live##r ? id##r : 0u];
        FOR_ROWS(SCALE)
#define SCORE(r, n) (laneSum(sum##r##_##n) * scale##r)
#else
#define SCORE(r, n) laneSum(sum##r##_##n)
#endif
#if defined(TOP_TWO)
#define FINISH_COLUMN(r, n) { precise float score = SCORE(r, n); if (live##r && IS_ALLOWED(r, n)) offer(top##n, score, id##r); }
#elif defined(GATHER)
#define FINISH_COLUMN(r, n) { precise float score = SCORE(r, n); if (live##r && lane == 0u) result[listOffset + item##r] = floatBitsToUint(score); }
#else
#define FINISH_COLUMN(r, n) { precise float score = SCORE(r, n); if (live##r && lane == 0u && firstColumn + n < columnEnd) result[(firstColumn + n) * resultStride + id##r] = floatBitsToUint(score); }
#endif
#define FINISH(r) FOR_COLUMNS_OF(FINISH_COLUMN, r)
        FOR_ROWS(FINISH)
    }

#if defined(TOP_TWO)
#if defined(GATHER)
    const uint place = resultBase * subgroups + subgroup;
#else
    const uint place = resultBase + subgroup;
#endif
// The lanes of a group hold the same rows: all but the first drop theirs before the subgroup merges.
#define STORE(n) { if (lane != 0u) top##n = EMPTY_TOP_TWO; top##n = subgroupMerge(top##n); \
        if (gl_SubgroupInvocationID == 0u && firstColumn + n < columnEnd) store(top##n, firstColumn + n, place); }
    FOR_COLUMNS(STORE)
#endif
}
