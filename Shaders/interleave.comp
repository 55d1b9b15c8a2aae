#version 450
// Copies whole rows of W into the layout that interleaves eight rows unit by unit, for scans only.

#include "subgroup.glsl"

layout(set = 0, binding = 0) readonly buffer Rows { uvec4 rows[]; };
layout(set = 0, binding = 1) writeonly buffer Interleaved { uvec4 interleaved[]; };

layout(push_constant) uniform Constants {
    uint rowCount;
    uint unitsPerRow;
};

void main() {
    const uint row = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
    if (row >= rowCount) return;
    for (uint unit = gl_LocalInvocationIndex; unit < unitsPerRow; unit += gl_WorkGroupSize.x) {
        interleaved[(row / 8u * unitsPerRow + unit) * 8u + row % 8u] = rows[row * unitsPerRow + unit];
    }
}
