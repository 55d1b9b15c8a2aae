import QPCore
import QPDevice
import QPHead
import QPKernels

/// What the command path costs apart from the kernels' work.
enum OverheadsSection {
    private static let fewDispatches = 1
    private static let manyDispatches = 65
    private static let submissions = 16

    static func run(_ bench: Bench, _ shape: (V: Int, d: Int)) throws -> Block {
        let fixture = try bench.fixture(try bench.shape(shape, .f32))
        let pair = try bench.tune(fixture).pair
        let device = fixture.library.device
        let load: Candidate.Load = bench.isSoftware ? .short : .device
        let nothing = try CeilingKernels(fixture.library).nothing()
        func dispatches(_ name: String, _ count: Int, indirect: Bool) throws -> Candidate {
            try fixture.candidate(name, load: load) { recorder, _ in
                nothing.record(into: &recorder, count: count, indirect: indirect)
            }
        }
        /// Several submissions, each waited for.
        func submitted(_ name: String, detail: String, _ commands: CommandBuffer) -> Candidate {
            Candidate(name: name, detail: detail, load: load, repetitionCount: submissions) {
                try Clock.time { for _ in 0..<submissions { try device.run(commands) } }
            }
        }
        let K = min(256, fixture.V)
        let head = try Head(fixture.library, fixture.weights, pairs: [1: pair])
        let program = try StepsSection.workspace(fixture, head, K: K, setCount: 1).program(.sparse)
        let candidates = [
            try fixture.scanCandidate("scan, for reference", pair.scan),
            submitted(
                "empty submission", detail: "host clock, wait included",
                try device.record { _ throws(DeviceError) in }),
            submitted(
                "two timestamps alone", detail: "host clock, wait included",
                try fixture.stopwatch.record { _ throws(DeviceError) in }),
            try dispatches("\(fewDispatches) dispatch", fewDispatches, indirect: false),
            try dispatches("\(manyDispatches) dispatches", manyDispatches, indirect: false),
            try dispatches("\(fewDispatches) indirect, no groups", fewDispatches, indirect: true),
            try dispatches("\(manyDispatches) indirect, no groups", manyDispatches, indirect: true),
            Candidate(
                name: "recording a step", detail: "host clock, sparse step, not submitted", load: load,
                repetitionCount: submissions
            ) {
                try Clock.time {
                    for _ in 0..<submissions {
                        _ = try device.record { recorder throws(DeviceError) in
                            program.record(into: &recorder, longestList: K)
                        }
                    }
                }
            },
        ]
        let comparison = try bench.compare("Overheads", candidates)
        let more = Double(manyDispatches - fewDispatches)
        return Block(
            section: .overheads, title: "Overheads, \(fixture.shape)", series: comparison.series,
            findings: [
                comparison.difference(
                    "one more dispatch with its barrier, µs", "\(manyDispatches) dispatches",
                    minus: "\(fewDispatches) dispatch"
                ).scaled(by: 1 / more),
                comparison.difference(
                    "one more indirect dispatch of no groups, µs", "\(manyDispatches) indirect, no groups",
                    minus: "\(fewDispatches) indirect, no groups"
                ).scaled(by: 1 / more),
                comparison.difference(
                    "two timestamps, µs", "two timestamps alone", minus: "empty submission"),
            ])
    }
}

extension Comparison {
    /// Time of one candidate less that of another, turn by turn, microseconds.
    func difference(_ what: String, _ minuend: String, minus subtrahend: String) -> Finding {
        let pairs = Array(zip(self[minuend].samples, self[subtrahend].samples))
        func differences(_ pairs: [(Sample, Sample)]) -> Summary? {
            Summary(pairs.map { $0.microseconds - $1.microseconds })
        }
        return Finding(
            what: what, unit: "", alone: differences(pairs.filter { $0.hadItsCores && $1.hadItsCores }),
            all: differences(pairs), goal: nil)
    }
}
