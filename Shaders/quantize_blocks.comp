#version 450
// Rows of W to 6 or 5 bits with a scale for each 32 elements (blocks.glsl), for screening, and each row's coefficient
// of its screening radius, as in quantize_rows.comp:
//
//   c_v = errorWeight · ‖w_v − q_v‖₂ + normWeight · ‖w_v‖₂, rounded up
//
// A row with a NaN or an infinity gets NaN scales and an infinite coefficient. One subgroup a row; lanes take pairs of
// blocks.

#include "subgroup.glsl"
#include "elements.glsl"
#include "norm.glsl"
#include "blocks.glsl"

layout(set = 0, binding = 0) readonly buffer Weights { uvec4 weights[]; };
layout(set = 0, binding = 1) readonly buffer Scales { float scales[]; };
layout(set = 0, binding = 2) writeonly buffer Copy { uint copy[]; };
layout(set = 0, binding = 3) writeonly buffer Coefficients { float coefficients[]; };

layout(push_constant) uniform Constants {
    uint rowFirst;        // id of the first row of both bindings
    uint rowCount;
    uint unitsPerRow;     // of W
    uint copyUnitsPerRow;
    uint pairs;
    float rounding;
    float errorWeight;
    float normWeight;
};

// Vector `index` of four elements of a row, zero beyond its units.
vec4 vectorAt(uint row, uint index, float scale) {
    const uint unit = index / H_VECTORS;
    if (unit >= unitsPerRow) return vec4(0.0);
    return weightVector(weights[row * unitsPerRow + unit], index % H_VECTORS) * scale;
}

bool areFinite(vec4 v) {
    return all(notEqual(floatBitsToUint(v) & 0x7F800000u, uvec4(0x7F800000u)));
}

// The largest magnitude of a block over the largest integer, rounded up to a bfloat16; zero for a block so small that
// its scale could be flushed, which then counts as all error.
float scaleOf(uint row, uint firstVector, float rowScale) {
    float largest = 0.0;
    for (uint f = 0u; f < BLOCK_VECTORS; ++f) {
        const vec4 size = abs(vectorAt(row, firstVector + f, rowScale));
        largest = max(largest, max(max(size.x, size.y), max(size.z, size.w)));
    }
    if (!(largest >= 7.888609052210118e-31)) return 0.0;  // 2⁻¹⁰⁰
    return uintBitsToFloat((floatBitsToUint(largest / (128.0 - DROPPED_VALUES)) + 0xFFFFu) & 0xFFFF0000u);
}

uint shifted(uint word, int place) { return place < 0 ? word >> -place : word << place; }

void main() {
    const uint row = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
    if (row >= rowCount) return;
#if defined(ELEMENT_INT8)
    const float rowScale = scales[rowFirst + row];
#else
    const float rowScale = 1.0;
#endif
    bool allFinite = true;
    for (uint index = gl_SubgroupInvocationID; index < pairs * PAIR_VECTORS; index += SUBGROUP) {
        allFinite = allFinite && areFinite(vectorAt(row, index, rowScale));
    }
    allFinite = subgroupAll(allFinite);
    float squares = 0.0;
    float errorSquares = 0.0;
    const uint base = row * copyUnitsPerRow * 4u;
    for (uint pair = gl_SubgroupInvocationID; pair < pairs; pair += SUBGROUP) {
        const PairPlace place = placeOf(pair, pairs);
        uint scaleWord = 0u;
        for (uint block = 0u; block < 2u; ++block) {
            const uint firstVector = pair * PAIR_VECTORS + block * BLOCK_VECTORS;
            const float scale = scaleOf(row, firstVector, rowScale);
            const bool holds = allFinite && scale > 0.0;
            uvec4 top = uvec4(0u);
            uvec2 further = uvec2(0u);
            for (uint f = 0u; f < BLOCK_VECTORS; ++f) {
                const vec4 v = vectorAt(row, firstVector + f, rowScale);
                // Any integer will do, for the error is taken of what is stored.
                const vec4 steps = round(v / (scale * DROPPED_VALUES));
                const float most = 128.0 / DROPPED_VALUES - 1.0;
                const vec4 q = holds ? clamp(steps, -most, most) * DROPPED_VALUES : vec4(0.0);
                precise vec4 error = fma(vec4(-scale), q, v);
                squares += dot(v, v);
                errorSquares += dot(error, error);
                const uvec4 bytes = uvec4(ivec4(q)) & 0xFFu;
                const uint word = bytes.x | bytes.y << 8 | bytes.z << 16 | bytes.w << 24;
                top[f / 2u] |= (word & 0xF0F0F0F0u) >> (f % 2u * 4u);
                further[FURTHER_WORD(f)] |= shifted(word & FURTHER_MASK, FURTHER_PLACE(f));
            }
            for (uint word = 0u; word < 4u; ++word) copy[base + (place.top + block) * 4u + word] = top[word];
            const uint furtherBase = base + place.further * 4u;
#if BITS == 6
            copy[furtherBase + block * 2u] = further.x;
            copy[furtherBase + block * 2u + 1u] = further.y;
#else
            copy[furtherBase + pair % 2u * 2u + block] = further.x;
#endif
            scaleWord |= (allFinite ? floatBitsToUint(scale) >> 16 : 0x7FC0u) << (block * 16u);
        }
        copy[base + place.scales * 4u + pair % 4u] = scaleWord;
    }
    squares = subgroupAdd(squares);
    errorSquares = subgroupAdd(errorSquares);
    if (gl_SubgroupInvocationID == 0u) {
        const uint count = pairs * PAIR_VECTORS * 4u;
        const float norm = normUp(squares, rounding, count);
        const float error = normUp(errorSquares, rounding, count);
        const float coefficient = up(errorWeight * error + normWeight * norm);
        coefficients[rowFirst + row] = allFinite && norm < LONGEST ? coefficient : INFINITE;
    }
}
