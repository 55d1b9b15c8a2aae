import QPCore
import QPDevice
import QPHead
import QPKernels

/// What all sections share: the device, the settings, and variants already tuned.
final class Bench {
    let library: KernelLibrary
    let seconds: Double
    let isQuick: Bool
    let threadCount: Int
    let seed: UInt64 = 1
    let shapes: [(V: Int, d: Int)]
    let evictor: Evictor
    private let say: (String) -> Void
    private var tuned: [String: Tuned] = [:]

    /// The shapes that the goals speak of.
    static let standardShapes = [(V: 32768, d: 1024), (V: 131072, d: 1024), (V: 32768, d: 4096)]

    init(
        _ library: KernelLibrary, seconds: Double, isQuick: Bool, threadCount: Int, shapes: [(V: Int, d: Int)],
        say: @escaping (String) -> Void
    ) {
        self.library = library
        self.seconds = seconds
        self.isQuick = isQuick
        self.threadCount = threadCount
        self.shapes = shapes
        self.say = say
        evictor = Evictor(threadCount: threadCount)
    }

    var isSoftware: Bool { library.device.physical.isSoftware }

    func shape(_ shape: (V: Int, d: Int), _ type: ElementType) throws -> HeadShape {
        try HeadShape(vocabularySize: shape.V, hiddenSize: shape.d, elementType: type)
    }

    func fixture(_ shape: HeadShape, interleaved: Bool = false) throws -> Fixture {
        say("\(shape): filling W")
        return try Fixture(library, shape, interleaved: interleaved, seed: seed)
    }

    /// Tunes once for each shape, type and copy.
    func tune(_ fixture: Fixture) throws -> Tuned {
        let key = "\(fixture.shape) \(fixture.weights.hasInterleavedCopy)"
        if let known = tuned[key] { return known }
        say("\(fixture.shape): tuning")
        let made = try Tuned(fixture, seconds: isQuick ? 2 : 12, seed: seed)
        tuned[key] = made
        return made
    }

    func compare(_ title: String, _ candidates: [Candidate]) throws -> Comparison {
        try Comparison(candidates, seconds: seconds, coreCount: threadCount) { [say] fraction in
            say("\(title): \(Int(fraction * 100)) %")
        }
    }

    /// Empties the caches before a run over few bytes; more than twice the evictor's replace themselves.
    func eviction(byteCount: Int) -> () -> Void {
        guard byteCount < 2 * Evictor.byteCount else { return {} }
        return { [evictor] in evictor.evict() }
    }

    func plainRead(_ name: String, _ bytes: UnsafeRawBufferPointer, byteCount: Int) -> Candidate {
        let threads = threadCount
        return Candidate(
            name: name, detail: "\(threads) threads", byteCount: byteCount, load: .allCores,
            prepare: eviction(byteCount: byteCount)
        ) { [evictor] in
            Clock.time { evictor.sink &+= HostRead.sum(bytes, byteCount: byteCount, threadCount: threads) }
        }
    }
}

/// A kernel whose results are wrong is not worth timing.
struct WrongResult: Error, CustomStringConvertible {
    let description: String
}
