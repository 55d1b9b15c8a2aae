#version 450
// ‖w_v‖₂ of each row of a window of W, rounded up; a row with a NaN or an infinity, or one as long as 2⁶³, gives +Inf.
// One subgroup a row.

#include "subgroup.glsl"
#include "elements.glsl"
#include "norm.glsl"

layout(set = 0, binding = 0) readonly buffer Weights { uvec4 weights[]; };
layout(set = 0, binding = 1) readonly buffer Scales { float scales[]; };
layout(set = 0, binding = 2) writeonly buffer Norms { float norms[]; };

layout(push_constant) uniform Constants {
    uint rowFirst;  // first row of W in this binding
    uint rowCount;
    uint unitsPerRow;
    float rounding;
};

void main() {
    const uint row = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
    if (row >= rowCount) return;
#if defined(ELEMENT_INT8)
    const float scale = scales[rowFirst + row];
#else
    const float scale = 1.0;
#endif
    float squares = 0.0;
    for (uint unit = gl_SubgroupInvocationID; unit < unitsPerRow; unit += SUBGROUP) {
        const uvec4 packed = weights[row * unitsPerRow + unit];
        for (uint part = 0u; part < H_VECTORS; ++part) {
            const vec4 values = weightVector(packed, part) * scale;
            squares += dot(values, values);
        }
    }
    squares = subgroupAdd(squares);
    if (gl_SubgroupInvocationID == 0u) {
        norms[rowFirst + row] = normUp(squares, rounding, unitsPerRow * H_VECTORS * 4u);
    }
}
