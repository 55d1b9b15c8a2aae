// Walks the scores of the rows that a packed mask names, a range of mask words for each subgroup.
//
// The shader defines visit(id, score), which is called once for each such row by one lane. A subgroup takes as many
// words at once as it has lanes, skips those that are empty, and reads the scores of one word side by side.

layout(set = 0, binding = 0) readonly buffer Scores { float scores[]; };  // [batch, scoreStride], by id
layout(set = 0, binding = 1) readonly buffer Mask { uint mask[]; };       // [batch, maskWords]

layout(push_constant) uniform Constants {
    uint vocabularySize;
    uint maskWords;
    uint scoreStride;
    uint wordsPerSubgroup;
    uint pass;   // of the search, see select_bins.comp
    uint kinds;  // what is searched
};

// Words of one search's state, of which a row has KINDS; words of its bins.
const uint STATE_WORDS = 8u;
const uint KINDS = 3u;
const uint COUNT = 0u;  // top-k: each token weighs one
const uint MASS = 1u;   // top-p: its weight at the row's temperature
const uint TOTAL = 2u;  // no search, but the sum of weights at temperature 1
const uint BINS = 256u;

void visit(uint id, float score);

uint subgroupIndex() { return gl_WorkGroupID.x * gl_NumSubgroups + gl_SubgroupID; }

void visitAll(uint row) {
    const uint first = subgroupIndex() * wordsPerSubgroup;
    const uint end = min(first + wordsPerSubgroup, maskWords);
    for (uint base = first; base < end; base += SUBGROUP) {
        const uint word = base + gl_SubgroupInvocationID;
        uint own = 0u;
        if (word < end) {
            const uint valid = vocabularySize - word * 32u;
            own = mask[row * maskWords + word] & (valid >= 32u ? 0xFFFFFFFFu : (1u << valid) - 1u);
        }
        if (subgroupAll(own == 0u)) continue;
        for (uint lane = 0u; lane < SUBGROUP; ++lane) {
            const uint bits = subgroupShuffle(own, lane);
            if (bits == 0u) continue;
            for (uint bit = gl_SubgroupInvocationID; bit < 32u; bit += SUBGROUP) {
                if ((bits >> bit & 1u) == 0u) continue;
                const uint id = (base + lane) * 32u + bit;
                visit(id, scores[row * scoreStride + id]);
            }
        }
    }
}
