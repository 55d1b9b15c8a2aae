import QPCore

/// What the measured ceilings allow: bytes and multiply-adds a microsecond.
struct Roof {
    let bytesPerMicrosecond: Double
    let elementsPerMicrosecond: Double

    /// - Throws: ``ProfileError/missingCeiling(_:)`` when one of the two was not measured.
    init(_ ceilings: [Profile.Ceiling]) throws(ProfileError) {
        func value(_ name: Profile.Ceiling.Name) throws(ProfileError) -> Double {
            guard let ceiling = ceilings.first(where: { $0.name == name }), ceiling.value > 0 else {
                throw .missingCeiling(name.rawValue)
            }
            // Both ceilings count 10⁹ a second, which is 10³ a microsecond.
            return ceiling.value * 1000
        }
        bytesPerMicrosecond = try value(.readBandwidth)
        elementsPerMicrosecond = try value(.arithmeticRate)
    }
}

/// The least a kernel must move and compute for each unit of K.
///
/// Ignored: h (read once, cached), the scores that scan and gather write (4 bytes beside a row of hundreds), ids.
struct KernelWork: Equatable {
    /// Bytes from or to device memory.
    let bytesPerRow: Double
    /// Multiply-adds; for kernels without any, comparisons.
    let elementsPerRow: Double

    init(_ kernel: KernelName, shape: HeadShape, batch: Int) {
        let rowBytes = Double(shape.bytesReadPerRow)
        let columns = Double(shape.hiddenSize)
        let batch = Double(batch)
        switch kernel {
        case .scan, .scanTopTwo, .maskedScanTopTwo:
            // One pass over W serves the whole batch.
            bytesPerRow = rowBytes
            elementsPerRow = columns * batch
        case .gather, .gatherTopTwo:
            // K counts rows per batch row, and each batch row has its own list.
            bytesPerRow = rowBytes * batch
            elementsPerRow = columns * batch
        case .topTwo:
            bytesPerRow = 4 * batch
            elementsPerRow = batch
        case .compactMask:
            // One id written for each allowed token; the mask's own words do not depend on K and are in t₀.
            bytesPerRow = 4 * batch
            elementsPerRow = batch
        }
    }

    func isBandwidthBound(under roof: Roof) -> Bool {
        bytesPerRow / roof.bytesPerMicrosecond >= elementsPerRow / roof.elementsPerMicrosecond
    }

    func roofMicrosecondsPerRow(under roof: Roof) -> Double {
        max(bytesPerRow / roof.bytesPerMicrosecond, elementsPerRow / roof.elementsPerMicrosecond)
    }
}
