import Foundation
import QPCore
import QPHead
import QPKernels
import QPPlanner
import QPTestSupport
import Testing

@testable import QPDevice
@testable import QPRuntime

/// Reads a timeline as a viewer does, and refuses what a viewer could not draw.
struct TimelineFile {
    struct Event {
        var name: String
        var thread: Int
        var start: Double
        var end: Double
        var arguments: [String: Any]
    }

    var events: [Event] = []
    var threads: [Int: String] = [:]
    var clocks: String

    /// Well-formed; times not negative and in order; slices of one thread nested or apart.
    init(_ text: String) throws {
        let document = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        clocks = try #require((document["otherData"] as? [String: Any])?["clocks"] as? String)
        for event in try #require(document["traceEvents"] as? [[String: Any]]) {
            let name = try #require(event["name"] as? String)
            let thread = try #require(event["tid"] as? Int)
            let arguments = try #require(event["args"] as? [String: Any])
            if event["ph"] as? String == "M" {
                threads[thread] = try #require(arguments["name"] as? String)
                continue
            }
            try #require(event["ph"] as? String == "X")
            let start = try #require(event["ts"] as? Double)
            let duration = try #require(event["dur"] as? Double)
            try #require(start >= 0 && duration >= 0, "\(event)")
            try #require(start >= events.last?.start ?? 0, "not in order: \(event)")
            try #require(threads[thread] != nil, "a thread without a name: \(event)")
            events.append(
                Event(name: name, thread: thread, start: start, end: start + duration, arguments: arguments))
        }
        for thread in threads.keys {
            var open: [Event] = []
            for event in events where event.thread == thread {
                // Half a nanosecond: times are whole nanoseconds, sums of them in binary are not.
                while let last = open.last, last.end <= event.start + 0.0005 { open.removeLast() }
                if let last = open.last {
                    try #require(event.end <= last.end + 0.0005, "\(event) overlaps \(last)")
                }
                open.append(event)
            }
        }
    }

    func named(_ name: String) -> [Event] { events.filter { $0.name == name } }
}

@Suite struct TimelineTests {
    /// Real steps, dense and sparse in turn.
    @Test func stepsOfARunBecomeSlices() throws {
        try validated { library in
            // A device of its own: tests beside this one would be traced too.
            let device = try Device(library.device.physical, cache: CacheFolder(path: nil))
            let own = try KernelLibrary(device, cache: CacheFolder(path: nil))
            let shape = try HeadShape(vocabularySize: 3000, hiddenSize: 32, elementType: .f16)
            let head = try Head(
                own, try HeadWeights(own, synthetic: SyntheticRows(shape: shape, seed: 1)))
            let runner = try TraceRunner(
                head, planner: try Planner(FixtureModel.model(shape)), seed: 7, isTraced: true)
            for (index, K) in [2500, 10, 2500].enumerated() {
                _ = try runner.take(TraceStep(sequence: 0, step: index, allowedTokenCount: K))
            }
            let file = try TimelineFile(runner.timeline.json)
            let queue = try #require(file.threads.first { $0.value == "device queue" }).key
            for (index, plan) in ["dense", "sparse", "dense"].enumerated() {
                let step = try #require(file.named("step 0.\(index)").first)
                let slices = file.named(plan).filter { $0.thread == queue }
                let slice = slices[index / 2]
                #expect(slice.arguments["plan"] as? String == plan)
                #expect(slice.arguments["estimatedMicroseconds"] as? Double ?? 0 > 0)
                #expect(slice.arguments["measuredMicroseconds"] as? Double ?? 0 > 0)
                let stages = file.events.filter {
                    $0.thread == queue && $0.name != plan && $0.start >= slice.start - 0.0005
                        && $0.end <= slice.end + 0.0005
                }
                #expect(stages.map(\.name).suffix(2) == [plan == "dense" ? "scan" : "gather", "finalise"])
                if file.clocks.hasPrefix("calibrated") {
                    // By both clocks: the device worked while the host was in this step.
                    #expect(slice.start > step.start && slice.end < step.end, "step \(index)")
                }
                // A recording is made once.
                for name in ["upload", "submit", "wait"] + (index < 2 ? ["record"] : []) {
                    #expect(file.named(name).contains { $0.start >= step.start && $0.end <= step.end }, "\(name)")
                }
            }
            #expect(file.named("plan").count == 3 && file.named("wait").count >= 3)
        }
    }

    /// Nothing is recorded or kept where nobody traces.
    @Test func withoutTracingThereIsNothing() throws {
        try validated { library in
            // A device of its own: tests beside this one would be traced too.
            let device = try Device(library.device.physical, cache: CacheFolder(path: nil))
            let own = try KernelLibrary(device, cache: CacheFolder(path: nil))
            let shape = try HeadShape(vocabularySize: 300, hiddenSize: 32, elementType: .f16)
            let head = try Head(
                own, try HeadWeights(own, synthetic: SyntheticRows(shape: shape, seed: 1)))
            let runner = try TraceRunner(
                head, planner: try Planner(FixtureModel.model(shape)), seed: 7, isTraced: false)
            _ = try runner.take(TraceStep(sequence: 0, step: 0, allowedTokenCount: 9))
            #expect(runner.timeline.slices.isEmpty)
        }
    }

    private func submission(_ start: Int, _ end: Int, _ alignment: DeviceTracer.Alignment) -> DeviceTracer.Submission {
        DeviceTracer.Submission(
            recording: nil, submitting: start..<(start + 1), waiting: 0..<9000,
            stages: [.init(name: "scan", start: start, end: end)], alignment: alignment)
    }

    /// Submissions that overlap on the device lie beside one another, and the file says how clocks were brought
    /// together.
    @Test func overlappingSubmissionsLieOnLanes() throws {
        var timeline = Timeline()
        timeline.add(
            [submission(100, 300, .submission), submission(200, 400, .submission), submission(400, 500, .submission)],
            named: "dense", arguments: ["K": .integer(3), "x": .number(.nan), "s": .text("a\"\\\n\u{1}µ")])
        let file = try TimelineFile(timeline.json)
        #expect(file.named("dense").map(\.thread) == [2, 3, 2])
        #expect(file.threads[3] == "device queue, overlapping 1")
        #expect(file.named("dense")[0].arguments["x"] is NSNull)
        #expect(file.named("dense")[0].arguments["s"] as? String == "a\"\\\n\u{1}µ")
        // One wait for all three.
        #expect(file.named("wait").count == 1)
        #expect(file.clocks.hasPrefix("aligned at submission: "))
        #expect(timeline.json.contains(#""dur":0.200"#))
    }

    @Test func anEmptyTimelineIsAFileToo() throws {
        #expect(try TimelineFile(Timeline().json).events.isEmpty)
        let error = #expect(throws: TimelineError.self) { try Timeline().write(to: "/no/such/folder/t.json") }
        #expect(
            error?.description
                == "cannot write the timeline to /no/such/folder/t.json: No such file or directory; free some space, or "
                + "choose another place")
    }
}

/// A scan costs 1 ms, a gathered row 1 µs.
enum FixtureModel {
    static func model(_ shape: HeadShape) -> CostModel {
        func curve(_ step: StepName, _ from: Int, _ to: Int) -> CostCurve {
            CostCurve(
                step: step, batch: 1, pattern: .uniform,
                points: [(1, from), (shape.vocabularySize, to)].map {
                    .init(allowedTokenCount: $0, nanoseconds: $1, lowNanoseconds: $1, highNanoseconds: $1)
                })
        }
        return CostModel(
            head: shape,
            curves: [
                curve(.dense, 1_000_000, 1_000_000), curve(.sparse, 1000, 1000 * shape.vocabularySize),
            ], bytesPerNanosecond: nil)
    }
}
