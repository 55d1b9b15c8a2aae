public import QPCore
internal import QPDevice

extension ScoreVariant {
    /// A variant that works on any device, where none has been measured.
    public static func `default`(_ library: KernelLibrary, batch: Int) -> ScoreVariant {
        let software = library.device.physical.isSoftware
        return ScoreVariant(
            lanesPerRow: library.subgroupSize, rowsPerLaneGroup: software ? 2 : 1,
            columnsPerPass: columns(batch: batch), workgroupSize: software ? library.subgroupSize : 128,
            source: software ? .texels : .storage)
    }

    /// The widest pass that a batch fills.
    public static func columns(batch: Int) -> Int { batch >= 8 ? 8 : batch >= 4 ? 4 : batch >= 2 ? 2 : 1 }

    /// The variants worth timing for a batch on this device.
    /// - Parameter lanesPerRow: restricts them to one reduction order; nil for all.
    public static func candidates(
        _ library: KernelLibrary, shape: HeadShape, batch: Int, lanesPerRow: Int? = nil, interleaved: Bool = false
    ) -> [ScoreVariant] {
        let software = library.device.physical.isSoftware
        let subgroup = library.subgroupSize
        let lanes =
            software
            ? [1, 2, 4, 8].filter { $0 <= subgroup }
            : ([subgroup / 4, subgroup / 2, subgroup] + (interleaved ? [1] : [])).filter { $0 > 0 }
        let columns = columns(batch: batch)
        // Each lane keeps rows × columns sums. A software rasteriser spills them anyway, and gains more from fetching h
        // once for many rows; on hardware they are registers, and too many of them leave too few subgroups in flight.
        // There, one row alone never won: h is half of what it fetches.
        let rows = (software ? [2, 4, 8] : [1, 2, 4, 8]).filter { $0 * columns <= (software ? 64 : 32) }
        let workgroups = (software ? [subgroup] : [64, 128, 256]).filter {
            $0 % subgroup == 0 && $0 <= library.device.limits.workgroupInvocations
        }
        // Texel buffers may be as small as 65,536 texels; then W and h are read through storage buffers.
        let limits = library.device.limits
        let hasTexels =
            limits.texelCount
            >= max(batch * HiddenStates.vectorCount(shape), HeadWeights.rowGranule * shape.unitsPerRow)
        let sources: [WeightSource] = (software ? [.texels] : [.storage, .texels]).filter {
            $0 == .storage || hasTexels
        }
        var result: [ScoreVariant] = []
        for source in sources {
            for lane in lanes where lanesPerRow == nil || lane == lanesPerRow {
                for row in rows {
                    for workgroup in workgroups {
                        let variant = ScoreVariant(
                            lanesPerRow: lane, rowsPerLaneGroup: row, columnsPerPass: columns,
                            workgroupSize: workgroup, source: source)
                        result.append(variant)
                        if interleaved, lane == 1 {
                            var copy = variant
                            copy.layout = .interleaved
                            result.append(copy)
                        }
                    }
                }
            }
        }
        return result
    }
}
