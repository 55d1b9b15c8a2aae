#version 450
// The smallest dispatch there is, to time dispatching itself.

#include "subgroup.glsl"

layout(set = 0, binding = 0) writeonly buffer Sums { uint sums[]; };

void main() {
    if (gl_GlobalInvocationID.x == 0xFFFFFFFFu) sums[0] = 0u;
}
