import QPCore
import QPDevice
import QPHead
import QPKernels

/// A head with an anchor and all that plans need to answer the same steps.
struct FilterBench {
    let workspace: Workspace
    let anchor: Anchor
    var head: Head { workspace.head }
    var shape: HeadShape { head.shape }
    var batch: Int { workspace.batch }

    init(_ library: KernelLibrary, shape: HeadShape, batch: Int, rows: [EncodedRow], windowBytes: Int? = nil) throws {
        let weights = try HeadWeights(library, shape: shape, maximumWindowBytes: windowBytes) { rows[$0] }
        workspace = try Workspace(try Head(library, weights), batch: batch)
        anchor = try Anchor(workspace.head, batch: batch)
    }

    init(
        _ library: KernelLibrary, batch: Int = 1, type: ElementType = .f32, rows: [[Float]], windowBytes: Int? = nil
    ) throws {
        let shape = try HeadShape(vocabularySize: rows.count, hiddenSize: rows[0].count, elementType: type)
        try self.init(
            library, shape: shape, batch: batch, rows: rows.map { EncodedRow($0, shape: shape) },
            windowBytes: windowBytes)
    }

    func run(_ body: (inout CommandRecorder) throws(DeviceError) -> Void) throws -> [StepRecord] {
        let device = head.library.device
        try device.run(
            try device.record { recorder throws(DeviceError) in
                try body(&recorder)
                recorder.barrierToHost()
            })
        return try workspace.readRecords()
    }

    func load(_ hidden: [[Float]], _ allowed: [TokenMask]) throws {
        for (row, values) in hidden.enumerated() { try workspace.hidden.write(values, row: row) }
        try workspace.load(allowed)
    }

    private func longest(_ allowed: [TokenMask]) -> Int { allowed.map(\.count).max()! }

    /// The yardstick: every allowed row scored, nothing filtered.
    func dense() throws -> [StepRecord] {
        let program = try workspace.program(.dense)
        return try run { recorder in program.record(into: &recorder, longestList: 0) }
    }

    func refresh(_ access: RowAccess, _ allowed: [TokenMask]) throws -> [StepRecord] {
        let program = try workspace.refresh(anchor, access: access)
        let longest = longest(allowed)
        return try run { recorder in program.record(into: &recorder, longestList: longest) }
    }

    func filtered(_ program: FilteredProgram, _ allowed: [TokenMask]) throws -> [StepRecord] {
        let longest = longest(allowed)
        return try run { recorder in program.record(into: &recorder, longestList: longest) }
    }

    /// Every filter over this head, with its name.
    func filters() throws -> [(name: String, filter: RowFilter)] {
        [("anchor", .anchor(anchor))]
            + (try ScreenFormat.allCases.flatMap { format in
                let copy = try head.screenCopy(format: format)
                return [
                    ("\(format) by scan", RowFilter.screen(copy, access: .scan)),
                    ("\(format) by gather", .screen(copy, access: .gather)),
                ]
            })
    }
}

extension TokenMask {
    /// K tokens at random.
    static func random(
        _ K: Int, vocabularySize V: Int, using generator: inout PhiloxGenerator
    ) throws -> TokenMask {
        try TokenMask(allowing: (0..<V).shuffled(using: &generator).prefix(K), vocabularySize: V)
    }
}
