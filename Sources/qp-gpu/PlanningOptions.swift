import ArgumentParser
import QPCore
import QPDevice
import QPPlanner

/// The head of a command: a published model's, or V and d; each command says what it takes where neither is given.
struct HeadOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A published model's head; what stands for it if none is given is said above.", valueName: "name"))
    var head: String?
    @Option(help: "V, the rows of a head that is no preset.")
    var vocabulary: Int?
    @Option(help: "d, the columns of that head.")
    var hidden: Int?
    @Option(help: "How weights are stored: f32, f16, bf16 or int8.")
    var elementType: ElementType?

    func validate() throws {
        if let head, HeadPreset.named(head) == nil {
            throw ValidationError(
                "no head is called \"\(head)\"; there are \(HeadPreset.all.map(\.name).joined(separator: ", "))")
        }
        guard (vocabulary == nil) == (hidden == nil) else {
            throw ValidationError("--vocabulary and --hidden belong together")
        }
        guard head == nil || vocabulary == nil else {
            throw ValidationError("--head and --vocabulary name two heads; give one")
        }
    }

    /// The head asked for; nil where none was.
    func shape() throws -> HeadShape? {
        do throws(ShapeError) {
            if let preset = head.flatMap(HeadPreset.named) {
                return try HeadShape(
                    vocabularySize: preset.vocabularySize, hiddenSize: preset.hiddenSize,
                    elementType: elementType ?? .f16)
            }
            guard let vocabulary, let hidden else { return nil }
            return try HeadShape(vocabularySize: vocabulary, hiddenSize: hidden, elementType: elementType ?? .f16)
        } catch {
            throw ValidationError(error.description)
        }
    }

    /// The head asked for, or one of `vocabularySize` × `hiddenSize`.
    func shape(defaultVocabularySize: Int, hiddenSize: Int) throws -> HeadShape {
        try shape()
            ?? HeadShape(
                vocabularySize: defaultVocabularySize, hiddenSize: hiddenSize, elementType: elementType ?? .f16)
    }

    /// The head asked for; the profile's first, of that type if one was given, where none was.
    func shape(in profile: Profile) throws -> HeadShape {
        if let shape = try shape() { return shape }
        let shapes = profile.heads.compactMap { try? $0.shape }
        guard let shape = shapes.first(where: { elementType == nil || $0.elementType == elementType }) else {
            throw PlanningError.headNotProfiled(
                "of type \(elementType?.rawValue ?? "any")", profiled: shapes.map { "\($0)" })
        }
        return shape
    }
}

/// The profile that decides.
struct ProfileOption: ParsableArguments {
    @Option(help: ArgumentHelp("The profile that decides (default: this device's, in the cache).", valueName: "file"))
    var profile: String?
    @Flag(help: "Use a profile of another device or driver; its costs are then graded foreign.")
    var foreign = false

    /// The profile, and whether it is of none of `devices`; the first is the one that runs, or would run, the step.
    /// - Throws: ``ForeignProfile`` when it is of none and that was not allowed.
    func load(for devices: [PhysicalDevice]) throws -> (profile: Profile, isForeign: Bool) {
        let path: String
        if let profile {
            path = profile
        } else {
            guard let found = devices.first.flatMap({ ProfileStore.defaultPath(device: $0.uuid) }) else {
                throw ValidationError("there is no cache folder; name a profile with --profile")
            }
            path = found
        }
        let loaded = try Profile.load(from: path)
        var mismatch: ProfileError?
        for device in devices {
            do throws(ProfileError) {
                try loaded.requireMatches(device: device.uuid, driver: device.driver)
                return (loaded, false)
            } catch {
                mismatch = mismatch ?? error
            }
        }
        if let mismatch, !foreign { throw ForeignProfile(mismatch: mismatch) }
        return (loaded, foreign)
    }
}

/// A profile of another device, where one of this device is wanted.
struct ForeignProfile: Error, CustomStringConvertible {
    let mismatch: ProfileError
    var description: String { "\(mismatch), or give --foreign to use it all the same, graded foreign" }
}

extension ValidationError {
    /// Of an option without one that gives it a meaning.
    static func needs(_ option: String, _ other: String) -> ValidationError {
        ValidationError("\(option) says nothing without \(other); add that, or leave it out")
    }
}
