/// How the units of W lie in memory.
public enum WeightLayout: String, Codable, Sendable {
    /// Row after row: gather needs whole rows.
    case rowMajor
    /// Eight rows interleaved unit by unit, so that eight lanes read 128 neighbouring bytes. For scans only.
    case interleaved
}

/// How a kernel reaches W and h.
public enum WeightSource: String, Codable, Sendable {
    /// Uniform texel buffers of four words.
    case texels
    /// Storage buffers.
    case storage
}

/// One way to compile the scoring kernel. Which is fastest differs by device, shape and type, so it is measured.
public struct ScoreVariant: Hashable, Codable, Sendable {
    /// C: lanes that share a row. It alone fixes the reduction order, hence the bits of a score.
    public var lanesPerRow: Int
    /// R: rows that a lane group has in flight.
    public var rowsPerLaneGroup: Int
    /// Hidden states in flight, for scans of a batch; 1, 2, 4 or 8.
    public var columnsPerPass: Int
    /// Invocations of a workgroup, a multiple of the subgroup size.
    public var workgroupSize: Int
    public var source: WeightSource
    public var layout: WeightLayout

    public init(
        lanesPerRow: Int, rowsPerLaneGroup: Int, columnsPerPass: Int = 1, workgroupSize: Int, source: WeightSource,
        layout: WeightLayout = .rowMajor
    ) {
        self.lanesPerRow = lanesPerRow
        self.rowsPerLaneGroup = rowsPerLaneGroup
        self.columnsPerPass = columnsPerPass
        self.workgroupSize = workgroupSize
        self.source = source
        self.layout = layout
    }

    /// What the gather of the pair uses: same lanes, one column, row-major.
    public var gatherTwin: ScoreVariant {
        var twin = self
        twin.columnsPerPass = 1
        twin.layout = .rowMajor
        return twin
    }
}

extension ScoreVariant: CustomStringConvertible {
    /// For example `lanes 8 · rows 4 · columns 1 · workgroup 32 · texels`.
    public var description: String {
        "lanes \(lanesPerRow) · rows \(rowsPerLaneGroup) · columns \(columnsPerPass) · workgroup \(workgroupSize) · "
            + source.rawValue + (layout == .interleaved ? " · interleaved" : "")
    }
}

/// The scoring variants of one batch size: a scan and the gather that shares its reduction order.
public struct VariantPair: Hashable, Codable, Sendable {
    public var scan: ScoreVariant
    public var gather: ScoreVariant

    public init(scan: ScoreVariant, gather: ScoreVariant) {
        precondition(scan.lanesPerRow == gather.lanesPerRow, "a pair shares one reduction order")
        self.scan = scan
        self.gather = gather
    }
}
