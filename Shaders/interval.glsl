// The interval that a filter gives a row: its approximate score ± (coefficient · reach.x + reach.y).
//
// The coefficient is the row's part of the radius, `reach` that of the batch row. The radius is widened by more than
// rounding here can take away, so that `lower` and `upper` hold the true ends whatever the rounding mode; one more
// constant covers results that the device flushes to zero. Every operation stands alone under `precise`: the host's
// reference gives the same bits. Needs isFinite() of top2.glsl.

struct Interval {
    float lower;
    float upper;
    bool isUsable;  // false: nothing is known of the row, so it stays
};

Interval intervalOf(float score, float coefficient, vec2 reach) {
    precise float product = coefficient * reach.x;
    precise float radius = product + reach.y;
    precise float wide = radius * 1.00000095367431640625;   // 1 + 2⁻²⁰
    precise float slack = abs(score) * 4.76837158203125e-7;  // 2⁻²¹
    precise float rest = slack + 7.52316384526264e-37;       // 2⁻¹²⁰
    precise float whole = wide + rest;
    precise float lower = score - whole;
    precise float upper = score + whole;
    return Interval(lower, upper, isFinite(score) && isFinite(whole));
}

// The two largest of a set of lower ends.
vec2 insertEnd(vec2 ends, float end) { return end > ends.x ? vec2(end, ends.x) : vec2(ends.x, max(ends.y, end)); }
vec2 mergeEnds(vec2 a, vec2 b) { return vec2(max(a.x, b.x), max(min(a.x, b.x), max(a.y, b.y))); }

vec2 subgroupMergeEnds(vec2 ends) {
    for (uint distance = 1u; distance < SUBGROUP; distance <<= 1) {
        ends = mergeEnds(ends, subgroupShuffleXor(ends, distance));
    }
    return ends;
}
