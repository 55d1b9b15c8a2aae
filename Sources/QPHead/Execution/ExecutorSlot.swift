internal import QPCore
internal import QPDevice
internal import QPKernels
internal import QPPlanner

/// What one step in flight needs to itself: workspaces, their programs, and command buffers, each recorded once.
///
/// A step is the submission of some parts behind one another, one for each group of rows, so that any mixture of
/// groups needs no recording once its parts are there. Nothing of a slot is touched while its step is in flight.
final class ExecutorSlot {
    /// Groups of one size in one step each need a workspace of their own.
    struct Seat: Hashable {
        let rowCount: Int
        let ordinal: Int
    }

    /// What a part does, as far as its bindings depend on it.
    enum Work: Hashable {
        case step(StepName)
        /// `anchor` is nil for a screen.
        case filter(PlanID, anchor: Int?)
        case refresh(anchor: Int)
        /// The bare rule.
        case reuse(anchor: Int)
        case routed
        case registered(PlanID)

        /// Whether the size of its dispatches depends on the longest list.
        var usesLists: Bool {
            switch self {
            case .step(let form): form == .sparse
            case .filter(_, let anchor): anchor == nil
            case .registered: true
            case .refresh, .reuse, .routed: false
            }
        }
    }

    /// One recording, with the clock around it.
    struct Part {
        let commands: CommandBuffer
        let stopwatch: Stopwatch
    }

    typealias Program = (inout CommandRecorder, _ longestList: Int) throws(DeviceError) -> Void

    let head: Head
    let uploads: Uploads
    /// The step that runs in it.
    var step: StepInFlight?
    private var workspaces: [Seat: Workspace] = [:]
    private var programs: [ProgramKey: Program] = [:]
    private var parts: [PartKey: Part] = [:]
    private var routed: [ProgramKey: Routed] = [:]
    private var maskCopies: [MaskKey: CommandBuffer] = [:]

    private struct ProgramKey: Hashable {
        let seat: Seat
        let work: Work
        /// What is drawn; nil takes the best tokens.
        let sampling: SamplingStages?
    }

    private struct PartKey: Hashable {
        let program: ProgramKey
        let longestList: Int
    }

    private struct Routed {
        let program: RoutedProgram
        var serial: Int
        let pointCounts: [Int]
    }

    private struct MaskKey: Hashable {
        let buffer: ObjectIdentifier
        let offset: Int
        let seat: Seat
        let row: Int
    }

    private static let maskCopyLimit = 64

    init(_ head: Head) {
        self.head = head
        uploads = Uploads(head.library.device)
    }

    func workspace(_ seat: Seat) throws(DeviceError) -> Workspace {
        if let known = workspaces[seat] { return known }
        let made = try Workspace(head, batch: seat.rowCount)
        workspaces[seat] = made
        return made
    }

    /// The part that does `work` in a seat.
    /// - Parameters:
    ///   - longestList: the largest K of a row. Recordings are made for four lengths to each power of two: up to a
    ///     quarter more workgroups than a list needs, which leave empty partial results.
    ///   - make: binds the work to the seat's workspace, where that was not done yet.
    func part(
        _ work: Work, _ seat: Seat, _ sampling: SamplingStages?, longestList: Int,
        make: (Workspace) throws(DeviceError) -> Program
    ) throws(DeviceError) -> Part {
        let program = ProgramKey(seat: seat, work: work, sampling: sampling)
        let key = PartKey(
            program: program,
            longestList: work.usesLists ? min(head.shape.vocabularySize, longestList.roundedUpToQuarterOctave) : 0)
        if let known = parts[key] { return known }
        let record: Program
        if let bound = programs[program] { record = bound } else { record = try make(try workspace(seat)) }
        let stopwatch = try Stopwatch(head.library.device)
        let commands = try stopwatch.record { recorder throws(DeviceError) in
            try record(&recorder, key.longestList)
            // For the parts and steps behind: they may read the anchor that this one wrote.
            recorder.barrier()
            recorder.barrierToHost()
        }
        let made = Part(commands: commands, stopwatch: stopwatch)
        programs[program] = record
        parts[key] = made
        return made
    }

    /// The step that routes itself, by these curves.
    /// - Parameter serial: tells curves from others, whatever their epoch.
    func routedProgram(
        _ seat: Seat, _ curves: RoutingCurves, serial: Int, _ sampling: SamplingStages?
    ) throws(DeviceError) -> RoutedProgram {
        let key = ProgramKey(seat: seat, work: .routed, sampling: sampling)
        let known = routed[key]
        if let known, known.serial == serial { return known.program }
        guard let scan = curves.curve(.dense, batch: seat.rowCount),
            let gather = curves.curve(.sparseFromMask, batch: seat.rowCount)
        else {
            throw DeviceError(
                .unsupported, "the routing curves have none of dense and sparseFromMask",
                advice: "Profile both steps, or plan with a K that the host knows.")
        }
        let pointCounts = [scan.points.count, gather.points.count]
        if let known, known.pointCounts == pointCounts {
            try known.program.update(scan: scan, gather: gather, epoch: curves.epoch)
            routed[key]!.serial = serial
            return known.program
        }
        let made = try workspace(seat).routedProgram(scan: scan, gather: gather, sampling: sampling)
        forget { $0 == key }
        routed[key] = Routed(program: made, serial: serial, pointCounts: pointCounts)
        return made
    }

    /// A copy of a mask that the caller has on the device into a seat's workspace.
    func maskCopy(from buffer: Buffer, _ offset: Int, to seat: Seat, row: Int) throws(DeviceError) -> CommandBuffer {
        let key = MaskKey(buffer: ObjectIdentifier(buffer), offset: offset, seat: seat, row: row)
        // The recording keeps the buffer, so its identity stays its own.
        if let known = maskCopies[key] { return known }
        let workspace = try workspace(seat)
        let made = try head.library.device.record { recorder throws(DeviceError) in
            recorder.barrier()
            recorder.copy(
                from: buffer, offset, to: workspace.masks, workspace.maskOffset(row: row),
                byteCount: head.shape.maskWordCount * 4)
            recorder.barrier()
        }
        if maskCopies.count >= Self.maskCopyLimit { maskCopies.removeAll() }
        maskCopies[key] = made
        return made
    }

    /// Drops what was recorded for a plan.
    func forget(_ plan: PlanID) { forget { $0.work == .registered(plan) } }

    private func forget(_ isGone: (ProgramKey) -> Bool) {
        programs = programs.filter { !isGone($0.key) }
        parts = parts.filter { !isGone($0.key.program) }
    }
}

extension Int {
    /// The next of four steps to each power of two, at most a quarter more.
    fileprivate var roundedUpToQuarterOctave: Int {
        guard self > 8 else { return self }
        let step = 1 << (Int.bitWidth - 3 - (self - 1).leadingZeroBitCount)
        return (self + step - 1) / step * step
    }
}
