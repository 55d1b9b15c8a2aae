#version 450
// The reach of each batch row: how far a filter's score may lie from the true one, as (x, y) of the radius
// coefficient · x + y. One subgroup a batch row.
//
//   anchor: x = ‖h − h₀‖ + γ (‖h‖ + ‖h₀‖): what the state moved by, and rounding in both scores
//   screen: x = ‖h‖; rounding is part of the coefficient
//
// y, and a little more x, cover what flushed denormals lose. NaN, an infinity or a state as long as 2⁶³ gives an
// infinite reach, under which every row stays.

#include "subgroup.glsl"
#include "norm.glsl"

layout(set = 0, binding = 0) readonly buffer Hidden { vec4 hidden[]; };
layout(set = 0, binding = 1) readonly buffer AnchorHidden { vec4 anchorHidden[]; };
layout(set = 0, binding = 2) writeonly buffer Reaches { vec2 reaches[]; };

layout(push_constant) uniform Constants {
    uint hVectors;
    float rounding;
    float gamma;
    float flushed;       // what denormals may cost a score of vectors no longer than 1
    float flushedReach;  // the same as a part of x
};

void main() {
    const uint row = gl_WorkGroupID.x;
    float squares = 0.0;
    float anchorSquares = 0.0;
    float moved = 0.0;
    for (uint index = gl_SubgroupInvocationID; index < hVectors; index += SUBGROUP) {
        const vec4 h = hidden[row * hVectors + index];
        squares += dot(h, h);
#if defined(ANCHOR)
        const vec4 h0 = anchorHidden[row * hVectors + index];
        anchorSquares += dot(h0, h0);
        moved += dot(h - h0, h - h0);
#endif
    }
    squares = subgroupAdd(squares);
    anchorSquares = subgroupAdd(anchorSquares);
    moved = subgroupAdd(moved);
    if (gl_SubgroupInvocationID == 0u) {
        const uint count = hVectors * 4u;
        float length = normUp(squares, rounding, count);
#if defined(ANCHOR)
        length = up(length + normUp(anchorSquares, rounding, count));
        const float x = normUp(moved, rounding, count) + gamma * length;
#else
        const float x = length;
#endif
        reaches[row] = vec2(up(x + flushedReach), up(flushed * (1.0 + length)) + flushed);
    }
}
