internal import QPCore
internal import QPDevice
internal import QPPlanner

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Times single steps after pauses, to show what ramping clocks do to the figures that were taken in saturation.
struct RegimeMeter {
    let bench: ProbeBench

    /// Readings of each regime; half a second each is what the idle ones cost.
    private static let counts: [DeviceRegime: Int] = [.saturated: 15, .dutyCycle: 15, .afterIdle: 5]

    func measure(seed: UInt64, isCancelled: () -> Bool) throws(DeviceError) -> [RegimeResult] {
        let V = bench.head.shape.vocabularySize
        var results: [RegimeResult] = []
        var generator = PhiloxGenerator(seed: seed)
        for (step, K) in [(StepName.sparse, min(16, V)), (.sparse, min(4096, V)), (.dense, V)] {
            try bench.loadSets(tokenCount: K, pattern: .uniform, count: 1, using: &generator)
            let commands = try bench.record(.step(step), tokenCount: K, repetitions: 1)
            for regime in DeviceRegime.allCases {
                var device: [Double] = []
                var host: [Double] = []
                for _ in 0..<Self.counts[regime]! {
                    if isCancelled() { return results }
                    if regime.pauseSeconds > 0 { usleep(UInt32(regime.pauseSeconds * 1e6)) }
                    let reading = try bench.stopwatch.time(commands)
                    device.append(reading.duration.nanoseconds / 1000)
                    host.append(reading.hostNanoseconds / 1000)
                }
                results.append(
                    RegimeResult(
                        step: step, batch: bench.workspace.batch, allowedTokenCount: K, regime: regime,
                        medianMicroseconds: Statistics.median(device) ?? 0,
                        hostMedianMicroseconds: Statistics.median(host) ?? 0,
                        spread: Statistics.relativeSpread(device) ?? 0, sampleCount: device.count))
            }
        }
        return results
    }
}
