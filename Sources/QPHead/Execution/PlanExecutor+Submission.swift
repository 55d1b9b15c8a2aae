internal import QPCore
internal import QPDevice
internal import QPKernels
internal import QPPlanner

/// How a decision becomes a submission.
extension PlanExecutor {
    func check(
        _ decision: Decision, _ hidden: [[Float]], _ allowed: [AllowedSet], _ sequences: [UInt64]?,
        _ sampling: [Sampling]?
    ) throws(StepError) {
        let rowCount = decision.assignments.reduce(0) { $0 + $1.rows.count }
        guard hidden.count == rowCount, allowed.count == rowCount else {
            throw .batchMismatch(hiddenStates: hidden.count, allowedSets: allowed.count, batch: rowCount)
        }
        if let sequences, sequences.count != rowCount {
            throw .sequenceMismatch(sequences: sequences.count, batch: rowCount)
        }
        if let sampling, sampling.count != rowCount {
            throw .samplingCount(given: sampling.count, batch: rowCount)
        }
        for (row, values) in hidden.enumerated() where values.count != head.shape.hiddenSize {
            throw .hiddenSize(given: values.count, expected: head.shape.hiddenSize, batchRow: row)
        }
        for (row, set) in allowed.enumerated() {
            switch set {
            case .host(let mask):
                guard mask.vocabularySize == head.shape.vocabularySize else {
                    throw .maskSize(given: mask.vocabularySize, expected: head.shape.vocabularySize, batchRow: row)
                }
                if mask.count == 0 { throw .allowed(.empty(batchRow: row)) }
            case .device(let buffer, let offset):
                let needed = head.shape.maskWordCount
                let given = offset < 0 ? 0 : (buffer.byteCount - offset) / 4
                guard given >= needed else {
                    throw .allowed(
                        .tooFewWords(given: given, needed: needed, vocabularySize: head.shape.vocabularySize))
                }
            }
        }
    }

    /// A group of rows, or one row of it, as it is to be served.
    private struct Request {
        var plan: PlanID
        var form: StepName?
        let rows: [Int]
        let group: Int
        var isRouted: Bool
        /// Whether the anchor's scores are taken as they are.
        var isBare = false

        mutating func fallBack() { (plan, form, isRouted, isBare) = (.dense, nil, false, false) }
    }

    func submit(
        _ step: inout StepInFlight, _ slot: ExecutorSlot, _ hidden: [[Float]], _ allowed: [AllowedSet]
    ) throws(DeviceError) {
        var ordinals: [Int: Int] = [:]
        var failed: Set<PlanID> = []
        var commands: [CommandBuffer] = []
        slot.uploads.begin()
        for (sequence, state) in zip(step.sequences, hidden) { anchors.move(sequence, to: state) }

        /// Uploads a request's rows, and finds its recording; a plan that has none is replaced by dense.
        func unit(_ request: Request) throws(DeviceError) -> StepInFlight.Unit {
            let ordinal = ordinals[request.rows.count, default: 0]
            ordinals[request.rows.count] = ordinal + 1
            let seat = ExecutorSlot.Seat(rowCount: request.rows.count, ordinal: ordinal)
            let workspace = try slot.workspace(seat)
            commands += try upload(request.rows, seat, slot, hidden, allowed)
            if step.stages(request.rows) != nil {
                // Whoever is greedy beside rows that draw takes the best token.
                try workspace.writeSampling(request.rows.map { step.sampling?[$0] ?? .greedy })
            }
            var request = request
            if failed.contains(request.plan) { request.fallBack() }
            let part: ExecutorSlot.Part
            do throws(DeviceError) {
                part = try self.part(request, seat, slot, &step, hidden, allowed)
            } catch {
                guard request.plan != .dense || request.isRouted else { throw error }
                if !request.isRouted { failed.insert(request.plan) }
                step.failures.append("\(request.isRouted ? "routing" : request.plan.name): \(error)")
                request.fallBack()
                part = try self.part(request, seat, slot, &step, hidden, allowed)
            }
            commands.append(part.commands)
            return .init(
                plan: request.plan, rows: request.rows, group: request.group, isRouted: request.isRouted,
                isBare: request.isBare, workspace: workspace, part: part)
        }

        for request in requests(step) { step.units.append(try unit(request)) }
        if let shadow = step.decision.shadow {
            let asked = Request(plan: shadow.plan, form: shadow.form, rows: shadow.rows, group: 0, isRouted: false)
            let found = try unit(asked)
            // Dense in place of a shadow that failed would be compared under the wrong name.
            if found.plan == shadow.plan { step.shadow = found } else { commands.removeLast() }
        }
        if let copies = try slot.uploads.commands() { commands.insert(copies, at: 0) }
        step.submitted = try queue.submit(commands)
        for row in step.refreshed { anchors.refresh(step.sequences[row], hidden: hidden[row]) }
    }

    /// The decision's groups, in their order. An anchor is of one sequence, so its rows stand alone.
    private func requests(_ step: StepInFlight) -> [Request] {
        step.decision.assignments.enumerated().flatMap { index, group -> [Request] in
            let rows = group.rows.filter { step.forced[$0] == nil }
            let parts = group.plan.usesAnchor ? rows.map { [$0] } : rows.isEmpty ? [] : [rows]
            // A token that only the device knows, or that is not the only one, is found by scoring.
            let plan = group.plan == .forced ? .dense : group.plan
            return parts.map {
                Request(
                    plan: plan, form: group.form, rows: $0, group: index, isRouted: group.isRouted,
                    isBare: plan == .amortized && group.guarantee == .approximate)
            }
        }
    }

    /// Brings hidden states and allowed sets to a seat; gives the copies of masks that are on the device.
    private func upload(
        _ rows: [Int], _ seat: ExecutorSlot.Seat, _ slot: ExecutorSlot, _ hidden: [[Float]], _ allowed: [AllowedSet]
    ) throws(DeviceError) -> [CommandBuffer] {
        let workspace = try slot.workspace(seat)
        for (index, row) in rows.enumerated() {
            try workspace.hidden.write(hidden[row], row: index) { values, buffer, offset throws(DeviceError) in
                try slot.uploads.write(values, to: buffer, at: offset)
            }
        }
        try workspace.load(rows.map { allowed[$0].mask }) { values, buffer, offset throws(DeviceError) in
            try slot.uploads.write(values, to: buffer, at: offset)
        }
        var copies: [CommandBuffer] = []
        for (index, row) in rows.enumerated() {
            guard case .device(let buffer, let offset) = allowed[row] else { continue }
            copies.append(try slot.maskCopy(from: buffer, offset, to: seat, row: index))
        }
        return copies
    }

    /// The recording of a request, made where it is new.
    private func part(
        _ request: Request, _ seat: ExecutorSlot.Seat, _ slot: ExecutorSlot, _ step: inout StepInFlight,
        _ hidden: [[Float]], _ allowed: [AllowedSet]
    ) throws(DeviceError) -> ExecutorSlot.Part {
        let work = try work(request, &step, hidden)
        let sampling = step.stages(request.rows)
        let counts = request.rows.compactMap { step.counts[$0] }
        if work.usesLists, counts.count < request.rows.count {
            throw DeviceError(
                .unsupported, "\(request.plan) takes a list of ids, and a mask of its rows is on the device",
                advice: "Plan such rows with place = .device.")
        }
        if case .routed = work {
            guard let curves else {
                throw DeviceError(
                    .unsupported, "no routing curves are given",
                    advice: "Call PlanExecutor.update before a step whose K the host does not know.")
            }
            let program = try slot.routedProgram(seat, curves, serial: curvesSerial, sampling)
            return try slot.part(work, seat, sampling, longestList: 0) { _ in
                { recorder, _ in program.record(into: &recorder) }
            }
        }
        return try slot.part(work, seat, sampling, longestList: counts.max() ?? 0) { workspace throws(DeviceError) in
            try program(work, workspace, sampling)
        }
    }

    private func work(
        _ request: Request, _ step: inout StepInFlight, _ hidden: [[Float]]
    ) throws(DeviceError) -> ExecutorSlot.Work {
        if request.isRouted { return .routed }
        let row = request.rows[0]
        switch request.plan {
        case .forced, .dense: return .step(request.form == .denseSkipping ? .denseSkipping : .dense)
        case .sparse: return .step(request.form ?? .sparse)
        case .screenedRerank: return .filter(.screenedRerank, anchor: nil)
        case .registered: return .registered(request.plan)
        case .amortized, .amortizedRerank, .fullRecompute:
            let sequence = step.sequences[row]
            let anchor = try anchors.index(of: sequence) { () throws(DeviceError) in try Anchor(head, batch: 1) }
            if request.isBare {
                // Without a certificate another sequence's scores would pass for this one's.
                guard anchors.isRefreshed(sequence) else {
                    throw DeviceError(
                        .unsupported, "sequence \(sequence) has no anchor of its own any more",
                        advice: "Keep more anchors: PlanExecutor(anchorCapacity:).")
                }
                return .reuse(anchor: anchor)
            }
            guard request.plan == .fullRecompute else { return .filter(request.plan, anchor: anchor) }
            step.refreshed.append(row)
            return .refresh(anchor: anchor)
        }
    }

    /// The planner does not choose such plans for rows that draw; a decision made without their sampling may.
    private func requireDrawing(_ work: ExecutorSlot.Work, _ sampling: SamplingStages) throws(DeviceError) {
        let reason: String? =
            switch work {
            case .step, .refresh, .routed: nil
            case .filter(.amortized, _), .reuse: "it scores no row, and a row draws its token"
            case .filter: sampling == [] ? nil : "it scores only rows that may win, and a row asks for all scores"
            case .registered: "a registered plan takes the best token, and a row draws its own"
            }
        guard let reason else { return }
        throw DeviceError(
            .unsupported, reason, advice: "Give the rows' sampling to the planner too, in DecodeStep.Row.")
    }

    private func program(
        _ work: ExecutorSlot.Work, _ workspace: Workspace, _ sampling: SamplingStages?
    ) throws(DeviceError) -> ExecutorSlot.Program {
        if let sampling { try requireDrawing(work, sampling) }
        switch work {
        case .step(let form):
            let program = try workspace.program(form, sampling: sampling)
            return { recorder, longest in program.record(into: &recorder, longestList: longest) }
        case .filter(let plan, let anchor):
            let filter: RowFilter
            if let anchor {
                filter = .anchor(anchors.anchors[anchor])
            } else {
                filter = .screen(try head.screenCopy(), access: .gather)
            }
            let program = try workspace.program(filter, tokenOnly: plan == .amortized, sampling: sampling)
            return { recorder, longest in program.record(into: &recorder, longestList: longest) }
        case .refresh(let anchor):
            let program = try workspace.refresh(anchors.anchors[anchor], sampling: sampling)
            return { recorder, longest in program.record(into: &recorder, longestList: longest) }
        case .reuse(let anchor):
            let program = try workspace.reuse(anchors.anchors[anchor])
            return { recorder, _ in program.record(into: &recorder) }
        case .routed: preconditionFailure("a routed step is bound with its curves")
        case .registered(let plan):
            guard let fragment = fragments[plan] else {
                throw DeviceError(
                    .unsupported, "no execution is registered for the plan \(plan)",
                    advice: "Register one with PlanExecutor.register before the planner may choose it.")
            }
            return { recorder, longest throws(DeviceError) in try fragment(&recorder, workspace, longest) }
        }
    }
}

extension PlanID {
    /// Whether the plan reads or writes an anchor.
    fileprivate var usesAnchor: Bool { shape.map { $0.filter == .anchor || $0.refreshesAnchor } ?? false }
}
