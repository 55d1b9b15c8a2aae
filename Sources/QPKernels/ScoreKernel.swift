public import QPCore
public import QPDevice

/// Which rows of W a scoring kernel visits.
public enum RowSelection: Hashable, Sendable {
    /// Every row.
    case scan
    /// The rows of each batch row's list.
    case gather
    /// Every row, but only those of the mask compete; with `skipping`, blocks of rows in which nothing is allowed
    /// are not read.
    case masked(skipping: Bool)
}

/// What a scoring kernel leaves behind.
public enum ScoreOutput: Hashable, Sendable {
    /// All scores: `[batch, V]` binary32 for a scan, one for each listed id for a gather.
    case scores
    /// Scores of a gather at the place of their ids: `[batch, V]` binary32, other places left alone.
    case scattered
    /// Best and second best of each subgroup, for ``FinalizeKernel`` to merge.
    case topTwo
}

/// Scores rows of W against B hidden states: `[V, d] · [d] → [V]`, or the K rows that a list names.
///
/// Weights are read in 16-byte units, accumulated in binary32 in an order that depends on the variant's lanes alone:
/// the same row has the same bits from scan, gather and masked scan, and for any batch. The error against exact
/// arithmetic is bounded by `γ_m ‖w‖ ‖h‖` with m about `3 + ⌈d/(4·lanes)⌉ + log₂ lanes`; ``ScoreRounding`` has it
/// exactly, for rows that end within a lane's unit, and one more for a row scale.
public struct ScoreKernel: Sendable {
    public let library: KernelLibrary
    public let weights: HeadWeights
    public let variant: ScoreVariant
    public let selection: RowSelection
    public let output: ScoreOutput
    let pipeline: ComputePipeline

    /// - Throws: ``DeviceError`` when the variant does not compile. Milliseconds, less when cached.
    public init(
        _ library: KernelLibrary, _ weights: HeadWeights, variant: ScoreVariant, selection: RowSelection,
        output: ScoreOutput
    ) throws(DeviceError) {
        try self.init(library, weights, variant: variant, selection: selection, output: output, format: .bits8)
    }

    /// - Parameter format: 6 or 5 bits where the rows are those of a screen in blocks, which has its own kernel.
    init(
        _ library: KernelLibrary, _ weights: HeadWeights, variant: ScoreVariant, selection: RowSelection,
        output: ScoreOutput, format: ScreenFormat
    ) throws(DeviceError) {
        precondition(library.subgroupSize % variant.lanesPerRow == 0, "lanes must divide the subgroup")
        precondition(variant.workgroupSize % library.subgroupSize == 0, "a workgroup is whole subgroups")
        precondition(output != .scattered || selection == .gather, "a scan's scores lie by id already")
        let variant = selection == .gather ? variant.gatherTwin : variant
        precondition(
            variant.layout == .rowMajor || variant.lanesPerRow == 1,
            "the interleaved copy serves scans with one lane a row")
        self.library = library
        self.weights = weights
        self.variant = variant
        self.selection = selection
        self.output = output
        let source: BindingKind = variant.source == .texels ? .texels : .storage
        let inBlocks = format != .bits8
        var macros = Self.macros(weights.shape.elementType, variant, selection, output)
        if inBlocks { macros = Self.blockMacros(format, variant, selection) }
        pipeline = try library.pipeline(
            inBlocks ? "score_blocks.comp" : "score.comp", macros: macros,
            bindings: [source, source, .storage, .storage, .storage, .storage], pushConstantCount: 10,
            workgroupSize: variant.workgroupSize, further: [UInt32(variant.lanesPerRow)])
    }

    /// What selects a variant in `score.comp`.
    static func macros(
        _ type: ElementType, _ variant: ScoreVariant, _ selection: RowSelection, _ output: ScoreOutput
    ) -> [String: String] {
        var macros = [
            type.macro: "1", "ROWS": "\(variant.rowsPerLaneGroup)",
            "COLUMNS": "\(variant.columnsPerPass)", "UNITS": "\(max(1, 4 / variant.rowsPerLaneGroup))",
        ]
        if variant.source == .texels { macros["SOURCE_TEXELS"] = "1" }
        if variant.layout == .interleaved { macros["INTERLEAVED"] = "1" }
        switch output {
        case .scores: break
        case .scattered: macros["SCATTERED"] = "1"
        case .topTwo: macros["TOP_TWO"] = "1"
        }
        switch selection {
        case .scan: break
        case .gather: macros["GATHER"] = "1"
        case .masked(let skipping):
            macros["MASKED"] = "1"
            if skipping { macros["SKIPPING"] = "1" }
        }
        return macros
    }

    /// What selects a variant in `score_blocks.comp`, which writes scores by id.
    static func blockMacros(
        _ format: ScreenFormat, _ variant: ScoreVariant, _ selection: RowSelection
    ) -> [String: String] {
        var macros = [
            "BITS": "\(format.rawValue)", "ROWS": "\(variant.rowsPerLaneGroup)",
            "COLUMNS": "\(variant.columnsPerPass)",
        ]
        if variant.source == .texels { macros["SOURCE_TEXELS"] = "1" }
        if selection == .gather { macros["GATHER"] = "1" }
        return macros
    }

    /// Subgroups of one workgroup.
    var subgroupsPerGroup: Int { variant.workgroupSize / library.subgroupSize }

    /// Rows that one workgroup has in flight.
    var rowsPerGroup: Int {
        subgroupsPerGroup * (library.subgroupSize / variant.lanesPerRow) * variant.rowsPerLaneGroup
    }

    /// Most workgroups that a dispatch over `rowCount` rows uses.
    func maximumGroups(rowCount: Int) -> Int {
        let blocks = (rowCount + rowsPerGroup - 1) / rowsPerGroup
        let unitsPerLane = (weights.shape.unitsPerRow + variant.lanesPerRow - 1) / variant.lanesPerRow
        let forLoops = (blocks * (unitsPerLane + 1) + library.maximumIterations - 1) / library.maximumIterations
        let wanted = max(library.targetSubgroupCount / subgroupsPerGroup, forLoops)
        return min(wanted, library.device.limits.workgroupCount)
    }

    /// Workgroups for `rowCount` rows: whole blocks, spread evenly.
    func groups(rowCount: Int) -> Int {
        let blocks = max(1, (rowCount + rowsPerGroup - 1) / rowsPerGroup)
        let each = (blocks + maximumGroups(rowCount: rowCount) - 1) / maximumGroups(rowCount: rowCount)
        return (blocks + each - 1) / each
    }

    /// Passes over one range of rows that a batch takes.
    func columnTiles(batch: Int) -> Int { (batch + variant.columnsPerPass - 1) / variant.columnsPerPass }

    /// x, y, z and a zero for each window: the dispatches of a scan of every row.
    func indirectArguments(batch: Int) -> [UInt32] {
        windows.flatMap { [UInt32(columnTiles(batch: batch)), UInt32(groups(rowCount: $0.rowCount)), 1, 0] }
    }

    var windows: [HeadWeights.Window] { weights.windows(variant.layout, variant.source) }

    /// Partial results of one batch row when these rows are visited.
    public func partialCount(_ extent: BoundScoreKernel.Extent) -> Int {
        switch extent {
        case .listed(let count): windows.count * groups(rowCount: count) * subgroupsPerGroup
        case .indirect: windows.count * maximumGroups(rowCount: weights.shape.vocabularySize) * subgroupsPerGroup
        case .indirectRows: partialCount(.rows(0..<weights.shape.vocabularySize))
        case .rows(let rows):
            windows.reduce(0) { sum, window in
                let visited = rows.clamped(to: window.rowFirst..<(window.rowFirst + window.rowCount))
                return sum + (visited.isEmpty ? 0 : groups(rowCount: visited.count) * subgroupsPerGroup)
            }
        }
    }

    /// Binds the kernel to its data.
    /// - Parameters:
    ///   - allowed: for a gather all lists of ids behind one another, for a masked scan `[batch, ⌈V/32⌉]` words.
    ///   - lists: for a gather `(offset, count)` of each batch row's list, 8 bytes each.
    ///   - result: scores, or `partialCount` partial results a batch row, 20 bytes each.
    public func bind(
        hidden: HiddenStates, allowed: BoundResource, lists: BoundResource, result: BoundResource
    ) throws(DeviceError) -> BoundScoreKernel {
        let sets = try windows.map { window throws(DeviceError) in
            try BindingSet(
                pipeline.layout,
                [
                    window.resource, hidden.resource(variant.source), .storage(weights.scales), allowed, lists, result,
                ])
        }
        return BoundScoreKernel(kernel: self, hidden: hidden, windows: windows, sets: sets)
    }
}

/// A scoring kernel with its data, ready to be recorded.
public struct BoundScoreKernel: Sendable {
    public let kernel: ScoreKernel
    let hidden: HiddenStates
    let windows: [HeadWeights.Window]
    let sets: [BindingSet]

    /// How many workgroups to dispatch.
    public enum Extent: Sendable {
        /// The rows of W that a scan visits; every row for a full scan.
        case rows(Range<Int>)
        /// The longest list that a gather visits.
        case listed(Int)
        /// As many as the device wrote; only for a gather.
        case indirect(Buffer)
        /// Every row of W, or none: a scan whose arguments the device took from
        /// ``ScoreKernel/indirectArguments(batch:)``, 16 bytes a window from `offset` on.
        case indirectRows(Buffer, offset: Int)
    }

    /// Records one dispatch a window. No barrier: windows write apart.
    /// - Parameter resultStride: scores of a column, or partial results of a batch row.
    public func record(into recorder: inout CommandRecorder, _ extent: Extent, resultStride: Int) {
        let shape = kernel.weights.shape
        let batch = hidden.batch
        switch extent {
        case .rows, .indirectRows: precondition(kernel.selection != .gather, "a gather visits a list")
        case .listed, .indirect: precondition(kernel.selection == .gather, "a scan visits a range of rows")
        }
        var resultBase = 0
        for (index, (window, set)) in zip(windows, sets).enumerated() {
            let own = window.rowFirst..<(window.rowFirst + window.rowCount)
            var visited = 0..<0
            let groups: Int
            switch extent {
            case .indirectRows:
                visited = own
                groups = kernel.groups(rowCount: own.count)
            case .rows(let rows):
                visited = rows.clamped(to: own)
                if visited.isEmpty { continue }
                groups = kernel.groups(rowCount: visited.count)
            case .listed(let count): groups = kernel.groups(rowCount: count)
            case .indirect: groups = 0
            }
            recorder.bind(
                kernel.pipeline, set,
                constants: [
                    UInt32(window.rowFirst), UInt32(window.rowCount), UInt32(shape.unitsPerRow),
                    UInt32(hidden.vectorsPerState), UInt32(batch), UInt32(resultStride), UInt32(resultBase),
                    UInt32(shape.maskWordCount),
                    UInt32(visited.isEmpty ? 0 : visited.lowerBound - window.rowFirst), UInt32(visited.count),
                ])
            switch extent {
            case .listed: recorder.dispatch(x: groups, y: batch)
            case .rows:
                recorder.dispatch(x: kernel.columnTiles(batch: batch), y: groups)
            case .indirect(let arguments):
                recorder.dispatchIndirect(arguments)
            case .indirectRows(let arguments, let offset):
                recorder.dispatchIndirect(arguments, offset: offset + 16 * index)
            }
            resultBase += kernel.selection == .gather ? 1 : groups * kernel.subgroupsPerGroup
        }
    }
}
