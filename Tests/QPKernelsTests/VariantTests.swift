import QPCore
import QPDevice
import QPShaders
import QPTestSupport
import Testing

@testable import QPKernels

/// Every way to compile the scoring kernel that any tuner may ask for is valid SPIR-V, whatever device is at hand.
@Suite struct VariantTests {
    @Test(arguments: ElementType.allCases, [WeightSource.texels, .storage])
    func everyVariantCompilesAndValidates(_ type: ElementType, _ source: WeightSource) throws {
        let compiler = ShaderCompiler(files: ShaderSources.files, cache: CacheFolder(path: nil))
        let selections: [RowSelection] = [.scan, .gather, .masked(skipping: false), .masked(skipping: true)]
        for columns in [1, 2, 4, 8] {
            for rows in [1, 2, 4, 8] where rows * columns <= (columns > 1 ? 16 : 8) {
                for selection in selections where selection != .gather || columns == 1 {
                    for output in [ScoreOutput.scores, .scattered, .topTwo]
                    where output == .topTwo || selection == .gather || (selection == .scan && output == .scores) {
                        let variant = ScoreVariant(
                            lanesPerRow: 1, rowsPerLaneGroup: rows, columnsPerPass: columns, workgroupSize: 32,
                            source: source)
                        let macros = ScoreKernel.macros(type, variant, selection, output)
                        #expect(try !compiler.compile("score.comp", macros: macros).isEmpty)
                    }
                }
            }
        }
    }

    @Test(arguments: [
        ("finalize_top2.comp", ["SINGLE_SUBGROUP": "1"]), ("finalize_top2.comp", [:]), ("reduce_top2.comp", [:]),
        ("reduce_top2.comp", ["LISTED": "1"]), ("compact_mask.comp", ["COUNT": "1"]), ("compact_mask.comp", [:]),
        ("fill_weights.comp", ["ELEMENT_BF16": "1"]), ("interleave.comp", [:]), ("read_bandwidth.comp", [:]),
        ("read_bandwidth.comp", ["SOURCE_TEXELS": "1"]), ("arithmetic_rate.comp", [:]), ("nothing.comp", [:]),
        ("half_probe.comp", [:]),
    ])
    func otherKernelsCompileAndValidate(_ file: String, _ macros: [String: String]) throws {
        let compiler = ShaderCompiler(files: ShaderSources.files, cache: CacheFolder(path: nil))
        #expect(try !compiler.compile(file, macros: macros).isEmpty)
    }

    @Test func candidatesOfABatchShareOneOrderWhenAsked() throws {
        let library = try TestDevice.library.get()
        let shape = try HeadShape(vocabularySize: 100, hiddenSize: 64, elementType: .f16)
        for batch in [1, 3, 8, 64] {
            let all = ScoreVariant.candidates(library, shape: shape, batch: batch)
            #expect(Set(all).count == all.count)
            #expect(all.contains { $0.columnsPerPass == ScoreVariant.columns(batch: batch) })
            let lanes = all[0].lanesPerRow
            let one = ScoreVariant.candidates(library, shape: shape, batch: batch, lanesPerRow: lanes)
            #expect(!one.isEmpty && one.allSatisfy { $0.lanesPerRow == lanes })
        }
    }
}
