import QPCore
import QPPlanner
import Testing

@testable import QPReport

@Suite struct ProfileTableTests {
    @Test(arguments: EdgeCase.allCases)
    func fitsATerminal(edgeCase: EdgeCase) {
        let text = ProfileTable.render(edgeCase.profile)
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            #expect(String(line).displayWidth <= 100, "\(line)")
            #expect(line.last != " ")
        }
        #expect(text.hasSuffix("\n") && !text.hasSuffix("\n\n"))
        #expect(!text.contains("\u{1B}"))
        #expect(!text.contains(" nan") && !text.contains(" inf"))
    }

    @Test func smallProfile() {
        let text = ProfileTable.render(EdgeCase.noCrossover.profile)
        #expect(text == Self.expected)
    }

    @Test func impossibleShapesAndMissingNamesAreSaid() {
        #expect(ProfileTable.render(EdgeCase.impossibleShape.profile).contains("W is –"))
        let nameless = ProfileTable.render(EdgeCase.noName.profile)
        #expect(nameless.contains("── Unnamed head · 4,096 × 64 f16 · batch 1 ─"))
        #expect(nameless.contains("its share of a model's step is – (no model was named)"))
    }

    @Test func chosenTokenCountsStayFew() {
        func counts(_ vocabularySize: Int) -> [Int] {
            var head = EdgeCase.noName.profile.heads[0]
            head.vocabularySize = vocabularySize
            return HeadAtBatch(head: head, batch: 1).tabulatedTokenCounts
        }
        #expect(counts(1) == [1])
        #expect(counts(16) == [1, 16])
        #expect(counts(151_936) == [1, 16, 256, 4096, 65_536, 151_936])
        #expect(counts(1 << 30) == [1, 64, 4096, 262_144, 16_777_216, 1 << 30])
        #expect(counts(.max).last == .max && counts(.max).count <= 7)
    }

    @Test func curvesAreReadBetweenTheirPointsOnly() {
        func curve(_ step: StepName) -> CostCurve {
            CostCurve(
                step: step, batch: 1, pattern: .uniform,
                points: [(10, 1000), (20, 2000)].map {
                    .init(allowedTokenCount: $0.0, nanoseconds: $0.1, lowNanoseconds: $0.1, highNanoseconds: $0.1)
                })
        }
        #expect(curve(.sparse).reading(at: 15)?.microseconds == 1.5)
        #expect(curve(.sparse).reading(at: 20)?.microseconds == 2)
        #expect(curve(.sparse).reading(at: 9) == nil)
        #expect(curve(.sparse).reading(at: 21) == nil)
        #expect(curve(.dense).reading(at: 21)?.microseconds == 2)
    }

    @Test func aTimeOfZeroIsNotATime() {
        let text = ProfileTable.render(EdgeCase.notNumbers.profile)
        #expect(!text.contains(" 0 µs"))
        #expect(!text.contains("takes –"))
    }

    private static let expected = """
        device     llvmpipe (LLVM 15.0.6, 256 bits)
                   software rasteriser: figures describe this CPU, not a GPU
        uuid       6d657361-3232-2e33-2e36-000000000000
        driver     llvmpipe, Mesa 22.3.6 (LLVM 15.0.6) · Vulkan 1.3.230
        host       Example CPU @ 2.50GHz · 2 cores
        timing     device timestamps, a tick is 1 ns, 64 valid bits
        noise      quiet: the figures stand
                   The reference kernel held still within 3 % in 96 % of the blocks.
                   412 blocks kept, 18 dropped; 73 samples dropped because cores were shared; reference
                   kernel ± 1.1 %
        run        seed 42 · budget 480 s · target ± 2 % · stopped by confidence target
        made by    qp-gpu 0.1.0 · 2025-11-02T09:14:05Z

        ceiling                       value  unit    95 % interval    n
        ────────────────────────────  ─────  ──────  ─────────────  ───
        read bandwidth                 41.2  GB/s      40.1 … 42.3   48
        multiply-add rate, f32         63.8  Gfma/s    62.9 … 64.2   48
        empty submission               13.2  µs        12.6 … 14.9  200
        extra dispatch                 11.4  µs        11.0 … 12.3   64
        indirect dispatch of nothing  0.213  µs      0.198 … 0.231   64

        ── Small · 4,096 × 64 f16 · batch 1 ────────────────────────────────────────────────────────────────
        head       W is 524 kB, 4.0 % of the weights that a step of the model streams
        variant    lanes 8 · rows 4 · workgroup 32 · texel
                   scan 38.8 µs, gather of 4,096 rows 50.2 µs, spread 1.2 %
        runner-up  lanes 4 · rows 8 · workgroup 32 · texel
                   scan and gather together 1.04×
        order      sharing one reduction order: scan 1.02×, gather 1.00× of the best variant of its own

        step               K = 1        16       256     4,096
        ───────────────  ────────  ────────  ────────  ────────
        dense             101 µs    101 µs    101 µs    101 µs
        denseSkipping    67.3 µs   68.5 µs   82.9 µs    106 µs
        sparse           48.0 µs*  48.2 µs*  51.1 µs*  97.7 µs*
        sparseFromMask   74.3 µs   74.5 µs   77.4 µs    124 µs
        sparseRouted     81.3 µs   81.5 µs   84.4 µs    131 µs
        screenedRerank    160 µs    160 µs    162 µs    195 µs
        fullRecompute     110 µs    110 µs    110 µs    110 µs
        amortizedRerank   300 µs    300 µs    301 µs    308 µs
        * cheapest at this K

        Cheaper below K* → cheaper above
        sparse → dense                  no K*: sparse is cheaper at every K measured
          uniform ids

        kernel          fixed   per row     95 % interval  bound by   of roof  error    p90   n
        ────────────  ───────  ────────  ────────────────  ─────────  ───────  ─────  ─────  ──
        scan          12.4 µs   9.48 ns    9.34 … 9.67 ns  bandwidth     33 %  3.1 %  8.2 %  24
        gather        12.4 µs   12.1 ns    12.0 … 12.4 ns  bandwidth     26 %  3.1 %  8.2 %  24
        topTwo        4.80 µs  0.213 ns  0.210 … 0.218 ns  bandwidth     45 %  3.1 %  8.2 %  24
        scanTopTwo    12.4 µs   9.24 ns    9.11 … 9.43 ns  bandwidth     34 %  3.1 %  8.2 %  24
        gatherTopTwo  12.4 µs   11.8 ns    11.7 … 12.1 ns  bandwidth     26 %  3.1 %  8.2 %  24
        compactMask   4.80 µs  0.213 ns  0.210 … 0.218 ns  bandwidth     45 %      –      –   0
        error: median and 90th percentile over n K that the fit had not seen
        – no K was held out for this kernel

        it means   No K to switch at: sparse is cheaper at every K measured.
                   At K = 16 gathering takes 48.2 µs, scanning 101 µs: 2.09× in the head's step.
                   The head is 4.0 % of the weights that a step of this model streams: at K = 16 the step
                   saves at most 4.0 % of the model's weight traffic, a small part; the layers take the
                   rest.

        """
}
