import QPCore
import QPPlanner

/// Where a kernel stands under the measured ceilings.
struct RooflinePoint {
    let kernel: KernelName
    /// FLOP for each byte of W that the kernel reads.
    let intensity: Double
    /// 10⁹ FLOP a second; a multiply-add counts as two.
    let gigaflops: Double
    let utilisation: Double
}

extension HeadAtBatch {
    /// The kernels that score rows; the others do no arithmetic to place.
    private static let scoring: Set<KernelName> = [.scan, .gather, .scanTopTwo, .gatherTopTwo, .maskedScanTopTwo]

    /// One point for each fitted kernel that scores rows, at the most rows it was timed with.
    func rooflinePoints(readBandwidth: Double?) -> [RooflinePoint] {
        fits.compactMap { fit in
            guard Self.scoring.contains(fit.kernel), let shape = head.shape else { return nil }
            let flopPerRow = 2 * Double(shape.hiddenSize) * Double(batch)
            let gathers = fit.kernel == .gather || fit.kernel == .gatherTopTwo
            var bytesPerRow = Double(shape.bytesReadPerRow) * (gathers ? Double(batch) : 1)
            // Where bandwidth binds, the fit itself says how many bytes it counted.
            if fit.boundBy == "bandwidth", let readBandwidth, fit.roofMicrosecondsPerRow > 0 {
                bytesPerRow = fit.roofMicrosecondsPerRow * readBandwidth * 1000
            }
            guard let micros = microsecondsPerRow(fit), micros > 0, bytesPerRow > 0 else { return nil }
            let point = RooflinePoint(
                kernel: fit.kernel, intensity: flopPerRow / bytesPerRow, gigaflops: flopPerRow / micros / 1000,
                utilisation: fit.utilisation)
            return point.intensity.isFinite && point.gigaflops.isFinite ? point : nil
        }
    }

    /// Time of a row where the kernel worked on most rows, fixed part included: measured, else by the fit at V.
    private func microsecondsPerRow(_ fit: KernelFit) -> Double? {
        let timed = head.samples.filter { $0.subject == .kernel(fit.kernel) && $0.batch == batch }
        if let largest = timed.max(by: { $0.allowedTokenCount < $1.allowedTokenCount }),
            let median = largest.medianMicroseconds, largest.allowedTokenCount > 0
        {
            return median / Double(largest.allowedTokenCount)
        }
        return fit.microsecondsPerRow + fit.fixedMicroseconds / Double(max(head.vocabularySize, 1))
    }

    /// The roofline; null without a ceiling or a kernel to draw.
    func rooflineChart(_ ceilings: [Profile.Ceiling]) -> SVGChart? {
        func ceiling(_ name: Profile.Ceiling.Name) -> Double? {
            ceilings.first { $0.name == name && $0.value.isFinite && $0.value > 0 }?.value
        }
        let bandwidth = ceiling(.readBandwidth)
        let peak = ceiling(.arithmeticRate).map { $0 * 2 }
        let points = rooflinePoints(readBandwidth: bandwidth)
        let others = head.batches.filter { $0 != batch }.flatMap {
            HeadAtBatch(head: head, batch: $0).rooflinePoints(readBandwidth: bandwidth)
        }
        guard !points.isEmpty, bandwidth != nil || peak != nil else { return nil }
        let ridge = bandwidth.flatMap { bandwidth in peak.map { $0 / bandwidth } }
        let intensities = (points + others).map(\.intensity) + (ridge.map { [$0] } ?? [])
        let start = (intensities.min() ?? 1) / 8
        let end = (intensities.max() ?? 1) * 12
        let roof = Roof(bandwidth: bandwidth, peak: peak, ridge: ridge, start: start, end: end)
        var marks = roof.marks
        marks += others.map { .marker(.init($0.intensity, $0.gigaflops), ink: $0.kernel.ink, label: nil) }
        marks += points.map {
            let label = "\($0.kernel.rawValue) \(Format.percent($0.utilisation, decimals: 0))"
            return .marker(
                .init($0.intensity, $0.gigaflops), ink: $0.kernel.ink, label: label, isRing: $0.kernel.isFused)
        }
        let rates = (points + others).map(\.gigaflops)
        let listed = points.map { "\($0.kernel.rawValue) at \(Format.percent($0.utilisation, decimals: 0))" }
        return SVGChart(
            title: "Roofline: \(head.title), \(batchTitle)",
            summary: "Arithmetic rate against arithmetic intensity, both logarithmic, under the measured ceilings. "
                + "Kernels and the share of their roof: \(listed.joined(separator: ", ")).",
            x: ChartAxis(
                title: "arithmetic intensity, FLOP per byte of W", scale: .logarithmic, covering: [start, end],
                margin: 0, format: Format.trimmed),
            y: ChartAxis(
                title: "rate, GFLOP/s", scale: .logarithmic,
                covering: rates.map { $0 / 1.6 } + roof.rates.map { $0 * 1.6 } + [roof.rates.min() ?? 1], margin: 0.02,
                format: Format.trimmed),
            marks: marks,
            legend: others.isEmpty
                ? [] : [.init(.dot(.grey), "the same kernels at other batch sizes of this head")],
            width: 540, height: 420)
    }
}

/// The measured ceilings as lines.
private struct Roof {
    var marks: [SVGChart.Mark] = []
    /// Rates at the ends of the lines, for the axis to cover.
    var rates: [Double] = []

    init(bandwidth: Double?, peak: Double?, ridge: Double?, start: Double, end: Double) {
        if let bandwidth {
            let corner = ridge ?? end
            let points = [SVGChart.Point(start, start * bandwidth), SVGChart.Point(corner, corner * bandwidth)]
            let label = "read bandwidth \(Format.significant(bandwidth)) GB/s"
            marks.append(.line(points: points, ink: .grey, inlineLabel: label))
            rates += points.map(\.y)
        }
        if let peak {
            let points = [SVGChart.Point(ridge ?? start, peak), SVGChart.Point(end, peak)]
            let label = "arithmetic \(Format.significant(peak)) GFLOP/s"
            marks.append(.line(points: points, ink: .grey, inlineLabel: label))
            rates.append(peak)
        }
    }
}

extension KernelName {
    var isFused: Bool {
        switch self {
        case .scanTopTwo, .gatherTopTwo, .maskedScanTopTwo: true
        case .scan, .gather, .topTwo, .compactMask: false
        }
    }

    /// As the steps that use them: scans blue, gathers red, and the fused forms in the second shade.
    var ink: SVGChart.Ink {
        switch self {
        case .scan: .blue
        case .scanTopTwo: .sky
        case .gather: .vermilion
        case .gatherTopTwo: .orange
        case .maskedScanTopTwo: .green
        case .topTwo, .compactMask: .grey
        }
    }
}
