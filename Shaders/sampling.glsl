// What sampled steps share: each row's parameters, its noise, and the order in which tokens are kept.

#include "philox.glsl"
#include "fixed_point.glsl"

const uint SAMPLING_WORDS = 12u;
const uint NO_TOP_K = 0xFFFFFFFFu;
#define NO_CUT uintBitsToFloat(0xFF800000u)

struct Sampling {
    uvec2 seed;
    uint step;
    uvec2 sequence;
    float temperature;
    float inverse;  // 1/T
    float offset;   // T·ln(minP)
    uint topK;
    uint topP;      // in units of 2⁻³²; 0: keep all
};

// `parameters`: declared by the shader, as QPCore's Sampling.words has them.
#define READ_SAMPLING(row) Sampling( \
    uvec2(parameters[(row) * SAMPLING_WORDS], parameters[(row) * SAMPLING_WORDS + 1u]), \
    parameters[(row) * SAMPLING_WORDS + 2u], \
    uvec2(parameters[(row) * SAMPLING_WORDS + 3u], parameters[(row) * SAMPLING_WORDS + 4u]), \
    uintBitsToFloat(parameters[(row) * SAMPLING_WORDS + 5u]), \
    uintBitsToFloat(parameters[(row) * SAMPLING_WORDS + 6u]), \
    uintBitsToFloat(parameters[(row) * SAMPLING_WORDS + 7u]), parameters[(row) * SAMPLING_WORDS + 8u], \
    parameters[(row) * SAMPLING_WORDS + 9u])

// score + T·G. Temperature multiplies the noise instead of dividing the score: division is not correctly rounded, a
// small T cannot overflow, and T = 0 is the score itself. Rising in `score` under any rounding mode, so that the ends
// of an interval of scores give those of an interval of this.
float perturbed(float score, uint id, Sampling sampling) {
    const uvec4 words = philox(uvec4(id, sampling.step, sampling.sequence), sampling.seed);
    precise float noise = sampling.temperature * gumbelOf(words.xy);
    precise float sum = score + noise;
    return sum;
}

// The least score that min-p keeps, where the best one is `best`; also rising in it.
float minimumScore(float best, Sampling sampling) {
    precise float cut = best + sampling.offset;
    return sampling.offset == NO_CUT ? NO_CUT : cut;
}

// Finite scores as integers in the same order.
uint keyOf(float score) {
    uint bits = floatBitsToUint(score);
    if (bits == 0x80000000u) bits = 0u;
    return (bits & 0x80000000u) != 0u ? ~bits : bits | 0x80000000u;
}
