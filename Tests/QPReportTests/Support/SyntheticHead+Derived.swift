import QPCore
import QPPlanner

extension SyntheticHead {
    func tuning(_ batch: Int) -> Tuning {
        let scan = microseconds(.dense, 1, batch) - 62
        let gather = microseconds(.sparse, min(4096, vocabularySize), batch) - 48
        let variants = [
            ("lanes 8 · rows 4 · workgroup 32 · texel", 1.0), ("lanes 4 · rows 8 · workgroup 32 · texel", 1.043),
            ("lanes 8 · rows 2 · workgroup 64 · texel", 1.09), ("lanes 1 · rows 8 · workgroup 32 · texel", 1.21),
            ("lanes 8 · rows 4 · workgroup 32 · storage", 1.48),
        ]
        return Tuning(
            batch: batch, gatherTokenCount: min(4096, vocabularySize),
            candidates: variants.map { name, factor in
                Tuning.Candidate(
                    variant: name, scanMicroseconds: scan * factor, gatherMicroseconds: gather * (factor + 0.01),
                    spread: 0.012 * factor)
            },
            sharedOrderScanRatio: 1.018, sharedOrderGatherRatio: 1)
    }

    func fit(_ kernel: KernelName, _ batch: Int) -> KernelFit {
        let bytes = Double(shape.bytesReadPerRow)
        let gathers = kernel == .gather || kernel == .gatherTopTwo
        let scores = kernel != .topTwo && kernel != .compactMask
        let bandwidthRoof = (scores ? bytes * (gathers ? Double(batch) : 1) : 4 * Double(batch)) / 41_240
        let arithmeticRoof = scores ? Double(hiddenSize * batch) / 63_800 : 0
        let roof = max(bandwidthRoof, arithmeticRoof)
        let scan = (microseconds(.dense, 1, batch) - 62) / Double(vocabularySize)
        let gather = (microseconds(.sparse, vocabularySize, batch) - 48) / Double(vocabularySize)
        let fused = kernel == .scanTopTwo || kernel == .gatherTopTwo ? 0.975 : 1
        let perRow = (scores ? (gathers ? gather : scan) : roof * 2.2) * fused
        let penalty = gathers ? perRow * 0.18 : 0
        return KernelFit(
            kernel: kernel, batch: batch, fixedMicroseconds: scores ? 12.4 : 4.8, roofMicrosecondsPerRow: roof,
            slowdown: (perRow - penalty) / roof, gatherPenaltyMicrosecondsPerRow: penalty,
            lowMicrosecondsPerRow: perRow * 0.985, highMicrosecondsPerRow: perRow * 1.02,
            boundBy: arithmeticRoof > bandwidthRoof ? "arithmetic" : "bandwidth",
            heldOutMedianRelativeError: kernel == .compactMask ? nil : 0.0312,
            heldOutP90RelativeError: kernel == .compactMask ? nil : 0.0821,
            heldOutCount: kernel == .compactMask ? 0 : 24,
            utilisation: roof / perRow)
    }

    func crossovers(_ batch: Int) -> [Crossover] {
        let pairs: [(StepName, StepName)] = [(.sparse, .dense), (.sparseFromMask, .dense), (.sparse, .denseSkipping)]
        return pairs.map { below, above in
            func difference(_ k: Int) -> Double { microseconds(below, k, batch) - microseconds(above, k, batch) }
            func ratio(_ k: Int) -> Double { microseconds(above, k, batch) / microseconds(below, k, batch) }
            guard difference(1) < 0, difference(vocabularySize) > 0 else {
                return Crossover(
                    between: [below, above], batch: batch, pattern: .uniform, allowedTokenCount: nil,
                    reason: "\(below.rawValue) is cheaper at every K measured", low: nil, high: nil, bandLow: nil,
                    bandHigh: nil, wrongChoiceRatioAtHalf: nil, wrongChoiceRatioAtDouble: nil, heldOutCorrectShare: nil,
                    heldOutCount: 0)
            }
            var (low, high) = (1, vocabularySize)
            while high - low > 1 {
                let middle = (low + high) / 2
                if difference(middle) < 0 { low = middle } else { high = middle }
            }
            return Crossover(
                between: [below, above], batch: batch, pattern: .uniform, allowedTokenCount: high, reason: nil,
                low: Int(Double(high) * 0.972), high: Int(Double(high) * 1.021), bandLow: Int(Double(high) * 0.93),
                bandHigh: min(vocabularySize, Int(Double(high) * 1.06)), wrongChoiceRatioAtHalf: ratio(high / 2),
                wrongChoiceRatioAtDouble: 1 / ratio(min(high * 2, vocabularySize)), heldOutCorrectShare: 1,
                heldOutCount: 21)
        }
    }
}
