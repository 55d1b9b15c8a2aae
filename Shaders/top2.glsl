// The best two scores of a set, with their ids: the higher score wins, ties go to the lower id.
// Scores that are not finite never enter; they are counted.

struct TopTwo {
    float best;
    uint bestID;
    float second;
    uint secondID;
    uint nonFinite;
};

const uint NO_TOKEN = 0xFFFFFFFFu;
// Minus infinity from its bits: a literal division would be undefined.
#define EMPTY_SCORE uintBitsToFloat(0xFF800000u)
#define EMPTY_TOP_TWO TopTwo(EMPTY_SCORE, NO_TOKEN, EMPTY_SCORE, NO_TOKEN, 0u)
// A partial result in a buffer: five words.
const uint TOP_TWO_WORDS = 5u;
// A row's record; finalize_top2.comp writes the first half, finalize_sample.comp the second.
const uint RECORD_WORDS = 16u;

bool isFinite(float x) { return (floatBitsToUint(x) & 0x7F800000u) != 0x7F800000u; }

bool wins(float a, uint aID, float b, uint bID) { return a > b || (a == b && aID < bID); }

void offer(inout TopTwo top, float score, uint id) {
    if (!isFinite(score)) {
        top.nonFinite += 1u;
    } else if (wins(score, id, top.best, top.bestID)) {
        top.second = top.best;
        top.secondID = top.bestID;
        top.best = score;
        top.bestID = id;
    } else if (wins(score, id, top.second, top.secondID)) {
        top.second = score;
        top.secondID = id;
    }
}

// Both sets are disjoint.
TopTwo merge(TopTwo a, TopTwo b) {
    bool bFirst = wins(b.best, b.bestID, a.best, a.bestID);
    TopTwo top;
    top.best = bFirst ? b.best : a.best;
    top.bestID = bFirst ? b.bestID : a.bestID;
    float loser = bFirst ? a.best : b.best;
    uint loserID = bFirst ? a.bestID : b.bestID;
    float runner = bFirst ? b.second : a.second;
    uint runnerID = bFirst ? b.secondID : a.secondID;
    bool loserSecond = wins(loser, loserID, runner, runnerID);
    top.second = loserSecond ? loser : runner;
    top.secondID = loserSecond ? loserID : runnerID;
    top.nonFinite = a.nonFinite + b.nonFinite;
    return top;
}

// The best two over a subgroup of SUBGROUP lanes, in every lane.
TopTwo subgroupMerge(TopTwo top) {
    for (uint distance = 1u; distance < SUBGROUP; distance <<= 1) {
        TopTwo other;
        other.best = subgroupShuffleXor(top.best, distance);
        other.bestID = subgroupShuffleXor(top.bestID, distance);
        other.second = subgroupShuffleXor(top.second, distance);
        other.secondID = subgroupShuffleXor(top.secondID, distance);
        other.nonFinite = subgroupShuffleXor(top.nonFinite, distance);
        top = merge(top, other);
    }
    return top;
}
