internal import QPCore
public import QPDevice
public import QPHead
internal import QPKernels
internal import QPPlanner

/// Measures a trace's steps under every plan, each reuse with the anchors that the step could have had.
///
/// Batch 1. The plans take turns, forwards and backwards, so that scans stream W between two readings of a gather and
/// its rows are as cold as a decode step finds them.
public final class ReuseMeter {
    private let head: Head
    private let maximumAge: Int
    private let workspace: Workspace
    private let stopwatch: Stopwatch
    private let screen: FilteredProgram
    /// Anchors of the last steps, the one of step n at n modulo their number.
    private let anchors: [(refresh: RefreshProgram, reuse: FilteredProgram)]
    private let formPrograms: [Workspace.Program]

    /// - Parameter maximumAge: how many steps old an anchor may be, 1 or more; each takes about 13·V bytes.
    /// - Throws: ``DeviceError``.
    public init(_ head: Head, maximumAge: Int) throws(DeviceError) {
        precondition(maximumAge >= 1)
        self.head = head
        self.maximumAge = maximumAge
        let workspace = try Workspace(head, batch: 1)
        self.workspace = workspace
        stopwatch = try Stopwatch(head.library.device)
        screen = try workspace.program(.screen(head.screenCopy(), access: .gather))
        formPrograms = [try workspace.program(.dense), try workspace.program(.sparse)]
        var anchors: [(refresh: RefreshProgram, reuse: FilteredProgram)] = []
        for _ in 0...maximumAge {
            let anchor = try Anchor(head, batch: 1)
            anchors.append((try workspace.refresh(anchor), try workspace.program(.anchor(anchor))))
        }
        self.anchors = anchors
    }

    /// Measures steps that carry allowed ids and hidden states; those with K = 0 run no head and are left out.
    /// - Parameter samples: readings of each plan at each step, 2 or more; one more warms up.
    /// - Returns: nil when `isCancelled` said so.
    /// - Throws: ``DeviceError``.
    public func measure(
        _ steps: [TraceStep], samples: Int, progress: (Double) -> Void = { _ in }, isCancelled: () -> Bool = { false }
    ) throws(DeviceError) -> ReuseTable? {
        precondition(samples >= 2)
        var table = ReuseTable(mismatches: 0, maximumAge: maximumAge, rows: [])
        var depth = 0
        let used = steps.filter { $0.allowedTokenCount > 0 }
        for (index, step) in used.enumerated() {
            if isCancelled() { return nil }
            depth = index > 0 && used[index - 1].sequence == step.sequence ? depth + 1 : 0
            try workspace.hidden.write(step.hidden!, row: 0)
            try workspace.load([step.allowed!])
            table.rows.append(
                try row(step, depth: depth, slot: index, samples: samples, mismatches: &table.mismatches))
            progress(Double(index + 1) / Double(used.count))
        }
        return table
    }

    private func row(
        _ step: TraceStep, depth: Int, slot: Int, samples: Int, mismatches: inout Int
    ) throws(DeviceError) -> ReuseTable.Row {
        let K = step.allowedTokenCount
        let own = anchors[slot % anchors.count]
        let ages = min(depth, maximumAge)
        typealias Body = (inout CommandRecorder) -> Void
        // In the order of ReuseTable.plans, then by age.
        var bodies: [Body] = formPrograms.map { program in { program.record(into: &$0, longestList: K) } }
        bodies.append { [screen] in screen.record(into: &$0, longestList: K) }
        bodies.append { own.refresh.record(into: &$0, longestList: K) }
        if ages > 0 {
            for age in 1...ages {
                let anchor = anchors[(slot - age) % anchors.count]
                bodies.append { anchor.reuse.record(into: &$0, longestList: K) }
            }
        }
        var commands: [CommandBuffer] = []
        for body in bodies {
            commands.append(
                try stopwatch.record { recorder throws(DeviceError) in
                    body(&recorder)
                    recorder.barrierToHost()
                })
        }
        var readings = [[Double]](repeating: [], count: bodies.count)
        var records: [StepRecord] = []
        for turn in 0...samples {
            for index in turn % 2 == 0 ? Array(bodies.indices) : bodies.indices.reversed() {
                let microseconds = try stopwatch.time(commands[index]).duration.nanoseconds / 1000
                if turn > 0 { readings[index].append(microseconds) } else { records += try workspace.readRecords() }
            }
        }
        mismatches += records.dropFirst().contains { !$0.hasSameAnswer(as: records[0]) } ? 1 : 0
        let plans = ReuseTable.plans.count
        return ReuseTable.Row(
            sequence: step.sequence, allowedTokenCount: K, microseconds: Array(readings[..<plans]),
            screenSurvivors: records[2].survivorCount,
            reuse: (plans..<bodies.count).map { index in
                ReuseTable.Reuse(
                    microseconds: readings[index], survivors: records[index].survivorCount,
                    fellBack: records[index].fellBack, isProven: records[index].contenderCount == 1)
            })
    }
}
