public import QPCore
internal import QPDevice

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

extension ScoreVariant {
    /// A variant that works on any device, where none has been measured.
    public static func `default`(_ library: KernelLibrary, batch: Int) -> ScoreVariant {
        let software = library.device.physical.isSoftware
        return ScoreVariant(
            lanesPerRow: software ? 2 : library.subgroupSize, rowsPerLaneGroup: software ? 2 : 1,
            columnsPerPass: columns(batch: batch), workgroupSize: software ? library.subgroupSize : 128,
            source: software ? .texels : .storage)
    }

    /// The widest pass that a batch fills.
    public static func columns(batch: Int) -> Int { batch >= 8 ? 8 : batch >= 4 ? 4 : batch >= 2 ? 2 : 1 }

    /// The variants worth timing for a batch on this device.
    /// - Parameter lanesPerRow: restricts them to one reduction order; nil for all.
    public static func candidates(
        _ library: KernelLibrary, shape: HeadShape, batch: Int, lanesPerRow: Int? = nil, interleaved: Bool = false
    ) -> [ScoreVariant] {
        let software = library.device.physical.isSoftware
        let subgroup = library.subgroupSize
        let lanes = software ? [1, 2, 4, 8].filter { $0 <= subgroup } : [subgroup / 4, subgroup / 2, subgroup].filter { $0 > 0 }
        let columns = columns(batch: batch)
        // More accumulators than registers spill: rows × columns stays within what ran well.
        let rows = [1, 2, 4, 8].filter { $0 * columns <= (columns > 1 ? 16 : 8) }
        let workgroups = (software ? [subgroup] : [64, 128, 256]).filter {
            $0 % subgroup == 0 && $0 <= library.device.limits.workgroupInvocations
        }
        let sources: [WeightSource] = software ? [.texels] : [.storage, .texels]
        var result: [ScoreVariant] = []
        for source in sources {
            for lane in lanes where lanesPerRow == nil || lane == lanesPerRow {
                for row in rows {
                    for workgroup in workgroups {
                        let variant = ScoreVariant(
                            lanesPerRow: lane, rowsPerLaneGroup: row, columnsPerPass: columns,
                            workgroupSize: workgroup, source: source)
                        result.append(variant)
                        if interleaved, lane == 1 {
                            var copy = variant
                            copy.layout = .interleaved
                            result.append(copy)
                        }
                    }
                }
            }
        }
        return result
    }
}
