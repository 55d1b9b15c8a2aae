#version 450
// Scores rows of W against hidden states: scan (every row), gather (rows by id), masked scan; writes the scores (of a
// gather in the order of its list, or by id where SCATTERED), or keeps only the best two of each subgroup.
//
//   W      [rows, unitsPerRow] units of 16 bytes, row-major, or interleaved by eight rows (INTERLEAVED)
//   h      [batch, hVectors] vectors of four binary32
//   scales [V] binary32, one a row (ELEMENT_INT8)
//
// LANES lanes share a row: lane l takes units l, l + LANES, …, adds the products of each four elements, then those
// sums one after another; a butterfly adds the lanes. That order depends on LANES alone, so scan and gather of one
// LANES give the same bits, whatever ROWS (rows a lane group has in flight), UNITS (units of each row that it asks for
// at once), COLUMNS (hidden states in flight), workgroup size, layout or source of W.
//
// Each of the ROWS walks a range of its own from end to end: hardware prefetchers follow a few long streams, and lose
// their way among many short ones (1.5× the time with two rows of binary32 on the software rasteriser measured).
// One sum a row and state: that rasteriser masks and spills every variable that a loop carries.
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

// Four products as a tree; `precise`, so that no two kernels contract them differently.
float dotFour(vec4 v, vec4 h) {
    precise float low = fma(v.x, h.x, v.y * h.y);
    precise float high = fma(v.z, h.z, v.w * h.w);
    precise float sum = low + high;
    return sum;
}

// The sum over the lanes of a row, in every one of them. Written out: LANES folds, a loop over it would not.
#define ADD_LANES(distance) if (LANES > distance) { precise float other = subgroupShuffleXor(sum, distance); sum = sum + other; }
float laneSum(float partial) {
    precise float sum = partial;
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
    const uint groupItems = (items + laneGroups - 1u) / laneGroups;
    const uint steps = (groupItems + subgroups * ROWS - 1u) / (subgroups * ROWS);
    const uint firstItem = subgroup * ROWS * steps;
    const uint stepEnd = firstItem < groupItems ? min(steps, groupItems - firstItem) : 0u;
#if defined(TOP_TWO)
#define START(r, u, p, n) TopTwo top##n = EMPTY_TOP_TWO;
    FOR_COLUMNS(START, 0, 0, 0)
#endif

// A column past the batch repeats the last one; its result is not stored.
#define COLUMN(r, u, p, n) const uint hBase##n = min(firstColumn + n, columnEnd - 1u) * hVectors;
    FOR_COLUMNS(COLUMN, 0, 0, 0)

#if defined(MASKED)
#define IS_ALLOWED(id, n) ((allowed[min(firstColumn + n, columnEnd - 1u) * maskWords + (id >> 5)] >> (id & 31u) & 1u) != 0u)
#else
#define IS_ALLOWED(id, n) true
#endif
#if defined(SKIPPING)
    // Which of the next WINDOW steps have a row to score: one lane looks ahead at one step, all at once.
    const uint WINDOW = min(SUBGROUP, 32u);
    uint wanted = 0u;
#define WANT_COLUMN(r, u, p, n) || IS_ALLOWED(aheadID, n)
#define WANT(r) { \
            const uint aheadItem = (firstItem + r * steps + ahead) * laneGroups + group; \
            const uint aheadID = min(aheadItem, items - 1u) + visitFirst + rowFirst; \
            want = want || (aheadItem < items && (false FOR_COLUMNS(WANT_COLUMN, r, 0, 0))); \
        }
#endif

    for (uint step = 0u; step < stepEnd; ++step) {
#if defined(SKIPPING)
        if (step % WINDOW == 0u) {
            const uint ahead = step + gl_SubgroupInvocationID;
            bool want = false;
            for (uint group = 0u; group < laneGroups; ++group) { FOR_ROWS(WANT) }
            wanted = subgroupBallot(want && gl_SubgroupInvocationID < WINDOW && ahead < stepEnd).x;
            if (wanted == 0u) step += WINDOW - 1u;
        }
        if ((wanted >> (step % WINDOW) & 1u) == 0u) continue;
#endif
#define ITEM(r) const uint item##r = (firstItem + r * steps + step) * laneGroups + laneGroup;
        FOR_ROWS(ITEM)
#if defined(GATHER)
#define ROW(r) \
        const uint id##r = item##r < items ? allowed[listOffset + item##r] : NO_ROW; \
        const uint row##r = id##r - rowFirst; \
        const bool live##r = row##r < rowCount;
#else
#define ROW(r) \
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
#define ZERO_COLUMN(r, u, p, n) precise float sum##r##_##n = 0.0;
#define ZERO(r) FOR_COLUMNS(ZERO_COLUMN, r, 0, 0)
        FOR_ROWS(ZERO)
// All of W that a turn needs is asked for first, so that its latencies overlap; then h, used as soon as it is there.
#define LOAD_UNIT(r, u) const uvec4 w##r##_##u = WEIGHT_UNIT(at##r + (unit + u * LANES) * UNIT_STRIDE);
#define LOAD_TURN(r) FOR_UNITS(LOAD_UNIT, r)
#define LOAD_ONE(r) LOAD_UNIT(r, 0)
#define ADD_COLUMN(r, u, p, n) sum##r##_##n = sum##r##_##n + dotFour(v##r, h##n);
#define HIDDEN_COLUMN(r, u, p, n) const vec4 h##n = HIDDEN_VECTOR(hBase##n + (unit + u * LANES) * H_VECTORS + p);
#define ADD_PART_ROW(r, u, p) { const vec4 v##r = weightVector(w##r##_##u, p); FOR_COLUMNS(ADD_COLUMN, r, u, p) }
#define ADD_PART(r, u, p) { FOR_COLUMNS(HIDDEN_COLUMN, r, u, p) FOR_ROWS_OF(ADD_PART_ROW, u, p) }
#define ADD_UNIT(r, u) FOR_PARTS(ADD_PART, r, u)
        uint unit = lane;
        for (uint turn = unitsPerRow / (LANES * UNITS); turn > 0u; --turn) {
            FOR_ROWS(LOAD_TURN)
            FOR_UNITS(ADD_UNIT, 0)
            unit += LANES * UNITS;
        }
        for (; unit < unitsPerRow; unit += LANES) {
            FOR_ROWS(LOAD_ONE)
            ADD_UNIT(0, 0)
        }

// Every lane of a group holds the sums of its rows. Lane l finishes row l, so that one store or offer serves LANES
// rows.
        uint mineID = 0u;
        uint mineItem = 0u;
        bool mineLive = false;
#define MINE(r, u, p, n) float mine##n = 0.0;
        FOR_COLUMNS(MINE, 0, 0, 0)
#if defined(ELEMENT_INT8)
#define SCORE(n) const float scale = scales[mineLive ? mineID : 0u]; precise float score = mine##n * scale;
#else
#define SCORE(n) const float score = mine##n;
#endif
#if defined(TOP_TWO)
#define FINISH_COLUMN(r, u, p, n) if (mineLive && IS_ALLOWED(mineID, n)) { SCORE(n) offer(top##n, score, mineID); }
#elif defined(SCATTERED)
#define FINISH_COLUMN(r, u, p, n) if (mineLive) { SCORE(n) result[list * resultStride + mineID] = floatBitsToUint(score); }
#elif defined(GATHER)
#define FINISH_COLUMN(r, u, p, n) if (mineLive) { SCORE(n) result[listOffset + mineItem] = floatBitsToUint(score); }
#else
#define FINISH_COLUMN(r, u, p, n) if (mineLive && firstColumn + n < columnEnd) { SCORE(n) result[(firstColumn + n) * resultStride + mineID] = floatBitsToUint(score); }
#endif
#define TAKE_COLUMN(r, u, p, n) { const float total = laneSum(sum##r##_##n); mine##n = isMine ? total : mine##n; }
#define TAKE(r) { \
            const bool isMine = lane == r % LANES; \
            mineID = isMine ? id##r : mineID; \
            mineItem = isMine ? item##r : mineItem; \
            mineLive = (r % LANES != 0u && mineLive) || (isMine && live##r); \
            FOR_COLUMNS(TAKE_COLUMN, r, 0, 0) \
            if (r % LANES == LANES - 1u || r == ROWS - 1u) { FOR_COLUMNS(FINISH_COLUMN, r, 0, 0) } \
        }
        FOR_ROWS(TAKE)
    }

#if defined(TOP_TWO)
#if defined(GATHER)
    const uint place = resultBase * subgroups + subgroup;
#else
    const uint place = resultBase + subgroup;
#endif
#define STORE(r, u, p, n) { top##n = subgroupMerge(top##n); \
        if (gl_SubgroupInvocationID == 0u && firstColumn + n < columnEnd) store(top##n, firstColumn + n, place); }
    FOR_COLUMNS(STORE, 0, 0, 0)
#endif
}
