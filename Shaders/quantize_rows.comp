#version 450
// Rows of W to 8 bits with one scale a row, for screening, and each row's coefficient of its screening radius:
//
//   c_v = errorWeight · ‖w_v − q_v‖₂ + normWeight · ‖w_v‖₂, rounded up
//
// The first part times ‖h‖ bounds what quantising changes, the second what rounding does in both scores. A row with a
// NaN or an infinity gets a NaN scale and an infinite coefficient: it stays whatever its neighbours score. One subgroup
// a row; lanes take units of 16 elements of the copy.

#include "subgroup.glsl"
#include "elements.glsl"
#include "norm.glsl"

layout(set = 0, binding = 0) readonly buffer Weights { uvec4 weights[]; };
layout(set = 0, binding = 1) readonly buffer Scales { float scales[]; };
layout(set = 0, binding = 2) writeonly buffer Copy { uvec4 copy[]; };
layout(set = 0, binding = 3) writeonly buffer CopyScales { float copyScales[]; };
layout(set = 0, binding = 4) writeonly buffer Coefficients { float coefficients[]; };

layout(push_constant) uniform Constants {
    uint rowFirst;        // id of the first row of both bindings
    uint rowCount;
    uint unitsPerRow;     // of W
    uint copyUnitsPerRow;
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

void main() {
    const uint row = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
    if (row >= rowCount) return;
#if defined(ELEMENT_INT8)
    const float rowScale = scales[rowFirst + row];
#else
    const float rowScale = 1.0;
#endif
    float largest = 0.0;
    bool allFinite = true;
    for (uint unit = gl_SubgroupInvocationID; unit < copyUnitsPerRow; unit += SUBGROUP) {
        for (uint part = 0u; part < 4u; ++part) {
            const vec4 v = vectorAt(row, unit * 4u + part, rowScale);
            allFinite = allFinite && areFinite(v);
            const vec4 size = abs(v);
            largest = max(largest, max(max(size.x, size.y), max(size.z, size.w)));
        }
    }
    largest = subgroupMax(largest);
    allFinite = subgroupAll(allFinite);
    // Below 2⁻¹⁰⁰ a scale could be flushed to zero: such a row counts as all error.
    const bool isTiny = !(largest >= 7.888609052210118e-31);
    const float scale = isTiny ? 1.0 : largest / 127.0;
    float squares = 0.0;
    float errorSquares = 0.0;
    for (uint unit = gl_SubgroupInvocationID; unit < copyUnitsPerRow; unit += SUBGROUP) {
        uvec4 packed = uvec4(0u);
        for (uint part = 0u; part < 4u; ++part) {
            const vec4 v = vectorAt(row, unit * 4u + part, rowScale);
            // Any integer will do, for the error is taken of what is stored.
            const vec4 q = allFinite && !isTiny ? clamp(round(v / scale), -127.0, 127.0) : vec4(0.0);
            precise vec4 error = fma(vec4(-scale), q, v);
            squares += dot(v, v);
            errorSquares += dot(error, error);
            const uvec4 bytes = uvec4(ivec4(q)) & 0xFFu;
            packed[part] = bytes.x | bytes.y << 8 | bytes.z << 16 | bytes.w << 24;
        }
        copy[row * copyUnitsPerRow + unit] = packed;
    }
    squares = subgroupAdd(squares);
    errorSquares = subgroupAdd(errorSquares);
    if (gl_SubgroupInvocationID == 0u) {
        const uint count = copyUnitsPerRow * 16u;
        const float norm = normUp(squares, rounding, count);
        const float error = normUp(errorSquares, rounding, count);
        const float coefficient = up(errorWeight * error + normWeight * norm);
        const bool holds = allFinite && norm < LONGEST;
        copyScales[rowFirst + row] = allFinite ? scale : uintBitsToFloat(0x7FC00000u);
        coefficients[rowFirst + row] = holds ? coefficient : INFINITE;
    }
}
