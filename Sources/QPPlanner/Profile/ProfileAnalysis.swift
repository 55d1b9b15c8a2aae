import QPCore

/// Everything that follows from the samples of a head: curves, fits, crossovers.
///
/// A pure function of samples, ceilings and seed: a reader of a profile gets the same numbers as the profiler, and
/// the profiler may ask in the middle of a run, for example to refine its K grid around K\*.
public struct ProfileAnalysis: Sendable {
    /// The pairs of steps between which K\* is sought, the one that is cheaper at small K first.
    static let pairs: [(first: StepName, second: StepName)] = [
        (.sparse, .dense), (.sparseFromMask, .dense), (.sparse, .denseSkipping), (.sparse, .screenedRerank),
    ]

    /// Draws the blocks.
    public let bootstrap: BlockBootstrap

    /// - Parameter replicateCount: of every interval. 400 take some tenths of a second a head in a release build.
    public init(seed: UInt64, replicateCount: Int = 400) {
        bootstrap = BlockBootstrap(seed: seed, replicateCount: replicateCount)
    }

    /// `head` with `curves`, `fits` and `crossovers` computed anew from its samples.
    ///
    /// For every batch and pattern that was measured; a pair of steps, where both were. A step that reads all of W
    /// whatever the pattern may have been timed under one pattern alone.
    /// - Parameter ceilings: of the same run; needed only if kernels were timed.
    /// - Throws: ``ProfileError/missingCeiling(_:)``; ``ProfileError/invalid(source:field:reason:)`` for samples that
    ///   are not durations or belong to no K of this head.
    public func analysed(_ head: HeadProfile, ceilings: [Profile.Ceiling]) throws(ProfileError) -> HeadProfile {
        var result = head
        result.curves = []
        result.fits = []
        result.crossovers = []
        try result.validate(at: "head", FieldCheck(source: "being analysed"))
        // Estimated once: the crossovers need the replicates of the same curves.
        let estimates = curveEstimates(of: result.samples)
        result.curves = estimates.map(\.curve)
        result.crossovers = crossovers(of: result, estimates)
        result.fits = try fits(of: result, ceilings: ceilings)
        return result
    }

    /// The crossovers alone.
    /// - Throws: as ``analysed(_:ceilings:)``, ceilings apart.
    public func crossovers(of head: HeadProfile) throws(ProfileError) -> [Crossover] {
        try head.validate(at: "head", FieldCheck(source: "being analysed"))
        return crossovers(of: head, curveEstimates(of: head.samples))
    }

    private func curveEstimates(of samples: [SampleSeries]) -> [MonotoneCurve] {
        samples.settings.flatMap { setting in
            StepName.allCases.compactMap { step in
                MonotoneCurve(
                    step: step, batch: setting.batch, pattern: setting.pattern, samples: samples, bootstrap: bootstrap)
            }
        }
    }

    private func crossovers(of head: HeadProfile, _ estimates: [MonotoneCurve]) -> [Crossover] {
        func estimate(_ step: StepName, _ setting: Setting) -> MonotoneCurve? {
            guard
                let pattern = head.samples.measuredPattern(
                    of: .step(step), batch: setting.batch, wanted: setting.pattern)
            else { return nil }
            return estimates.first {
                $0.curve.step == step && $0.curve.batch == setting.batch && $0.curve.pattern == pattern
            }
        }
        return head.samples.settings.flatMap { setting in
            Self.pairs.compactMap { pair in
                guard let first = estimate(pair.first, setting), let second = estimate(pair.second, setting) else {
                    return nil
                }
                return Crossover(
                    first: first, second: second, vocabularySize: head.vocabularySize, samples: head.samples)
            }
        }
    }

    private func fits(of head: HeadProfile, ceilings: [Profile.Ceiling]) throws(ProfileError) -> [KernelFit] {
        let kernels = KernelName.allCases.filter { kernel in
            head.samples.contains { $0.subject == .kernel(kernel) && $0.role == .fit }
        }
        guard !kernels.isEmpty, let shape = try? head.shape else { return [] }
        let roof = try Roof(ceilings)
        func fit(_ kernel: KernelName, _ setting: Setting, scanSlowdown: Double?) -> KernelFit? {
            RooflineFit(
                kernel: kernel, shape: shape, batch: setting.batch, pattern: setting.pattern, roof: roof,
                bootstrap: bootstrap
            )(samples: head.samples, scanSlowdown: scanSlowdown)
        }
        let settings = head.samples.settings
        // All scans before any gather: a gather takes its slowdown from a scan that may stand under another pattern.
        let scans = settings.flatMap { setting in
            kernels.filter { $0.scanOfSameWork == nil }.compactMap { fit($0, setting, scanSlowdown: nil) }
        }
        let gathers = settings.flatMap { setting in
            kernels.compactMap { kernel in
                kernel.scanOfSameWork.flatMap { candidates in
                    fit(kernel, setting, scanSlowdown: slowdown(of: candidates, setting, scans))
                }
            }
        }
        return scans + gathers
    }

    /// The slowdown of the first of `candidates` that was fitted at this batch, under this pattern if possible.
    private func slowdown(of candidates: [KernelName], _ setting: Setting, _ scans: [KernelFit]) -> Double? {
        for kernel in candidates {
            let fits = scans.filter { $0.kernel == kernel && $0.batch == setting.batch }
            if let fit = fits.first(where: { $0.pattern == setting.pattern }) ?? fits.first { return fit.slowdown }
        }
        return nil
    }
}

extension KernelName {
    /// The kernels that do this gather's arithmetic on rows in order, the closest first; null for no gather.
    fileprivate var scanOfSameWork: [KernelName]? {
        switch self {
        case .gather: [.scan, .scanTopTwo]
        case .gatherTopTwo: [.scanTopTwo, .scan]
        case .scan, .topTwo, .scanTopTwo, .compactMask, .maskedScanTopTwo: nil
        }
    }
}

/// What a curve or a fit is made for, beside the step or kernel.
private struct Setting: Hashable {
    let batch: Int
    let pattern: IndexPattern
}

extension [SampleSeries] {
    /// Every batch and pattern on the K grid, batches ascending.
    fileprivate var settings: [Setting] {
        let patterns = IndexPattern.allCases
        return Set(lazy.filter { $0.role == .fit }.map { Setting(batch: $0.batch, pattern: $0.pattern) })
            .sorted {
                ($0.batch, patterns.firstIndex(of: $0.pattern)!) < ($1.batch, patterns.firstIndex(of: $1.pattern)!)
            }
    }
}
