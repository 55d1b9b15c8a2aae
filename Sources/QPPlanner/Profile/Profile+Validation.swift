public import QPCore

extension Profile {
    /// Checks what the types cannot: that numbers lie where they can lie and that arrays which belong together agree.
    /// - Throws: ``ProfileError/invalid(source:field:reason:)`` for the first field that is wrong.
    func validate(source: String) throws(ProfileError) {
        let check = FieldCheck(source: source)
        for (index, ceiling) in ceilings.enumerated() {
            let field = "ceilings[\(index)]"
            try check.nonnegative(ceiling.value, "\(field).value")
            try check.nonnegative(ceiling.low, "\(field).low")
            try check.nonnegative(ceiling.high, "\(field).high")
        }
        try check.nonnegative(noise.referenceSpread, "noise.referenceSpread")
        for (index, head) in heads.enumerated() { try head.validate(at: "heads[\(index)]", check) }
    }

    /// Checks that this profile speaks of the device in use.
    ///
    /// A driver update changes times as another device does, so both must be the same.
    /// - Throws: ``ProfileError/foreign(profileDevice:profileDriver:device:driver:)`` naming both.
    public func requireMatches(device uuid: String, driver: String) throws(ProfileError) {
        guard device.uuid == uuid, device.driver == driver else {
            throw .foreign(
                profileDevice: device.uuid, profileDriver: device.driver, device: uuid, driver: driver)
        }
    }
}

extension HeadProfile {
    /// The head's shape.
    /// - Throws: ``ShapeError`` when V or d is out of range; profiles read from files are checked for that.
    public var shape: HeadShape {
        get throws(ShapeError) {
            try HeadShape(vocabularySize: vocabularySize, hiddenSize: hiddenSize, elementType: elementType)
        }
    }

    func validate(at field: String, _ check: FieldCheck) throws(ProfileError) {
        do { _ = try shape } catch {
            throw check.invalid("\(field) has a shape that cannot be:", "\(error)")
        }
        for (index, series) in samples.enumerated() {
            try series.validate(at: "\(field).samples[\(index)]", vocabularySize: vocabularySize, check)
        }
        for (index, curve) in curves.enumerated() { try curve.validate(at: "\(field).curves[\(index)]", check) }
        for (index, fit) in fits.enumerated() { try fit.validate(at: "\(field).fits[\(index)]", check) }
        for (index, crossover) in crossovers.enumerated() {
            let field = "\(field).crossovers[\(index)]"
            guard crossover.between.count == 2 else {
                throw check.invalid("\(field).between", "names \(crossover.between.count) steps; it must name two")
            }
            guard (crossover.allowedTokenCount == nil) != (crossover.reason == nil) else {
                throw check.invalid("\(field)", "must have either allowedTokenCount or reason")
            }
        }
    }
}

extension SampleSeries {
    fileprivate func validate(at field: String, vocabularySize: Int, _ check: FieldCheck) throws(ProfileError) {
        guard batch >= 1 else { throw check.invalid("\(field).batch", "is \(batch); it must be at least 1") }
        guard (1...vocabularySize).contains(allowedTokenCount) else {
            throw check.invalid(
                "\(field).allowedTokenCount", "is \(allowedTokenCount); it must lie in 1…V = \(vocabularySize)")
        }
        guard blocks.count == durationsMicroseconds.count else {
            throw check.invalid(
                "\(field).blocks", "has \(blocks.count) entries for \(durationsMicroseconds.count) durations")
        }
        for (index, duration) in durationsMicroseconds.enumerated() {
            try check.nonnegative(duration, "\(field).durationsMicroseconds[\(index)]")
        }
    }
}

extension CostCurve {
    /// Checks a curve that came from a file: K ascends, times do not fall, both within bounds.
    /// - Throws: ``ProfileError/invalid(source:field:reason:)``.
    public func validate(at field: String, source: String) throws(ProfileError) {
        try validate(at: field, FieldCheck(source: source))
    }

    fileprivate func validate(at field: String, _ check: FieldCheck) throws(ProfileError) {
        guard !points.isEmpty else { throw check.invalid("\(field).points", "is empty") }
        for (index, point) in points.enumerated() {
            let field = "\(field).points[\(index)]"
            guard (1...HeadShape.maximumVocabularySize).contains(point.allowedTokenCount),
                (0...CostCurve.maximumNanoseconds).contains(point.nanoseconds)
            else { throw check.invalid(field, "is out of range") }
            guard index > 0 else { continue }
            let before = points[index - 1]
            guard before.allowedTokenCount < point.allowedTokenCount, before.nanoseconds <= point.nanoseconds else {
                throw check.invalid(field, "does not follow the one before: K must ascend and times must not fall")
            }
        }
    }
}

extension KernelFit {
    fileprivate func validate(at field: String, _ check: FieldCheck) throws(ProfileError) {
        try check.nonnegative(fixedMicroseconds, "\(field).fixedMicroseconds")
        try check.nonnegative(slowdown, "\(field).slowdown")
        try check.nonnegative(gatherPenaltyMicrosecondsPerRow, "\(field).gatherPenaltyMicrosecondsPerRow")
        try check.nonnegative(startFactor, "\(field).startFactor")
        try check.nonnegative(utilisation, "\(field).utilisation")
    }
}

/// Names the document in the errors of its fields.
struct FieldCheck {
    let source: String

    func invalid(_ field: String, _ reason: String) -> ProfileError {
        .invalid(source: source, field: field, reason: reason)
    }

    func nonnegative(_ value: Double, _ field: @autoclosure () -> String) throws(ProfileError) {
        guard value >= 0, value.isFinite else {
            throw invalid(field(), "is \(value); it must be finite and not negative")
        }
    }
}
