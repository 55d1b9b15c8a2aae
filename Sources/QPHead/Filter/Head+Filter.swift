public import QPCore
public import QPDevice
public import QPKernels
internal import Synchronization

/// What the filters of a head share.
struct FilterData: Sendable {
    var norms: RowNorms?
    var screens: [ScreenFormat: ScreenCopy] = [:]
    var survivors: SurvivorKernels?
    var sampledSurvivors: SurvivorKernels?
}

extension Head {
    /// ‖w_v‖₂ of every row, rounded up: the part of W in the certificate of reuse. Made on first use, which reads all
    /// of W once and takes 4·V bytes.
    /// - Throws: ``DeviceError``.
    public func rowNorms() throws(DeviceError) -> RowNorms {
        if let known = filterData.withLock({ $0.norms }) { return known }
        let made = try RowNorms(library, of: weights)
        // Two threads may both have made it; the first one kept wins.
        return filterData.withLock { data in
            if let known = data.norms { return known }
            data.norms = made
            return made
        }
    }

    /// The copy of W that screens, in `format`, or in the head's ``screenFormat`` if nil. Made on first use, which
    /// reads all of W two or three times and takes V·(d + 8) bytes at 8 bits, 0.82 and 0.69 of it at 6 and 5.
    /// - Throws: ``DeviceError`` `outOfMemory` when the copy does not fit beside W.
    public func screenCopy(format: ScreenFormat? = nil) throws(DeviceError) -> ScreenCopy {
        let format = format ?? screenFormat
        if let known = filterData.withLock({ $0.screens[format] }) { return known }
        let made = try ScreenCopy(library, of: weights, format: format, lanesPerRow: lanesPerRow)
        return filterData.withLock { data in
            if let known = data.screens[format] { return known }
            data.screens[format] = made
            return made
        }
    }

    /// C of the shared reduction order, the same for every batch size.
    var lanesPerRow: Int { pair(batch: 1).scan.lanesPerRow }

    func survivorKernels(isSampled: Bool) throws(DeviceError) -> SurvivorKernels {
        if let known = filterData.withLock({ isSampled ? $0.sampledSurvivors : $0.survivors }) { return known }
        let made = try SurvivorKernels(library, shape: shape, isSampled: isSampled)
        filterData.withLock { if isSampled { $0.sampledSurvivors = made } else { $0.survivors = made } }
        return made
    }
}
