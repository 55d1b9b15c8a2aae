internal import QPCore
public import QPDevice
public import QPHead
internal import QPKernels
public import QPPlanner

/// Takes the steps of a trace on a device as a planner decides, one at a time: what telemetry is made of.
///
/// Where a step carries no allowed ids or no hidden state, they are drawn by the seed; K alone decides which plan is
/// taken. Records a timeline if asked to, with host slices for planning, uploading (which also makes the buffers that a
/// step is the first to use) and waiting.
public final class TraceRunner {
    /// What was taken so far; empty unless tracing.
    public private(set) var timeline = Timeline()
    private let executor: PlanExecutor
    private var planner: Planner
    private var generator: PhiloxGenerator
    private let tracer: DeviceTracer?

    /// - Parameter isTraced: whether to record ``timeline``, which costs a barrier at each stage of a step.
    /// - Throws: ``DeviceError``.
    public init(_ head: Head, planner: Planner, seed: UInt64, isTraced: Bool) throws(DeviceError) {
        executor = try PlanExecutor(head)
        self.planner = planner
        generator = PhiloxGenerator(seed: seed)
        tracer = isTraced ? head.library.device.startTracing() : nil
    }

    deinit { if tracer != nil { executor.head.library.device.stopTracing() } }

    /// Takes one step with K ≥ 1, scaled to the head's vocabulary already. Blocks until the device is done.
    /// - Throws: ``PlanningError``, ``StepError``.
    public func take(_ step: TraceStep) throws -> Observation {
        let shape = executor.head.shape
        let allowed =
            step.allowed
            ?? IndexPattern.uniform.tokens(
                step.allowedTokenCount, vocabularySize: shape.vocabularySize, using: &generator)
        let hidden = step.hidden ?? (0..<shape.hiddenSize).map { _ in Float.random(in: -1...1, using: &generator) }
        let start = HostClock.nanoseconds()
        let row = DecodeStep.Row(allowedTokenCount: allowed.count, stateID: step.stateID, depth: step.step)
        let decision = try planner.plan(try DecodeStep(head: shape, rows: [row]))
        let planned = HostClock.nanoseconds()
        let observation = try executor.run(decision, hidden: [hidden], allowed: [allowed]).observation
        if let tracer {
            show(tracer.takeSubmissions(), observation, step, start, planned, HostClock.nanoseconds())
        }
        return observation
    }

    private func show(
        _ submissions: [DeviceTracer.Submission], _ observation: Observation, _ step: TraceStep, _ start: Int,
        _ planned: Int, _ end: Int
    ) {
        let plans = observation.plans.map(\.name).joined(separator: " + ")
        var arguments: [String: Timeline.Argument] = [
            "plan": .text(plans), "K": .integer(step.allowedTokenCount),
            "decision": .integer(Int(observation.decisionID)),
            "estimatedMicroseconds": .number(observation.estimatedMicroseconds),
        ]
        if let measured = observation.durationMicroseconds { arguments["measuredMicroseconds"] = .number(measured) }
        timeline.add("step \(step.sequence).\(step.step)", start..<end, arguments: arguments)
        timeline.add("plan", start..<planned)
        if let first = submissions.first(where: \.isStep) {
            timeline.add("upload", planned..<(first.recording?.lowerBound ?? first.submitting.lowerBound))
        }
        timeline.add(submissions, named: plans, arguments: arguments)
    }
}
