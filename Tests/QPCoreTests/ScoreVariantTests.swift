import QPCore
import Testing

@Suite struct ScoreVariantTests {
    @Test func gatherTwinKeepsTheReductionOrder() {
        let scan = ScoreVariant(
            lanesPerRow: 8, rowsPerLaneGroup: 4, columnsPerPass: 8, workgroupSize: 32, source: .texels,
            layout: .interleaved)
        let twin = scan.gatherTwin
        #expect(twin.lanesPerRow == scan.lanesPerRow)
        #expect(twin.columnsPerPass == 1)
        #expect(twin.layout == .rowMajor)
        #expect(twin.gatherTwin == twin)
        #expect(scan.description == "lanes 8 · rows 4 · columns 8 · workgroup 32 · texels · interleaved")
        #expect(twin.description == "lanes 8 · rows 4 · columns 1 · workgroup 32 · texels")
    }
}
