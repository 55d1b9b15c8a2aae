extension Timeline {
    /// The whole file. O(slices · log slices).
    public var json: String {
        let origin = slices.map(\.start).min() ?? 0
        var events = tracks.map { track, name in
            #"{"args":{"name":"\#(name)"},"name":"thread_name","ph":"M","pid":1,"tid":\#(track.id)}"#
        }
        // A slice stands before those within it.
        let order = slices.indices.sorted {
            (slices[$0].start, slices[$1].end, $0) < (slices[$1].start, slices[$0].end, $1)
        }
        for slice in order.map({ slices[$0] }) {
            let arguments = slice.arguments.sorted { $0.key < $1.key }
                .map { "\(Self.quoted($0.key)):\(Self.text($0.value))" }.joined(separator: ",")
            events.append(
                "{\"args\":{\(arguments)},\"dur\":\(Self.microseconds(slice.end - slice.start)),"
                    + "\"name\":\(Self.quoted(slice.name)),\"ph\":\"X\",\"pid\":1,\"tid\":\(slice.track.id),"
                    + "\"ts\":\(Self.microseconds(slice.start - origin))}")
        }
        let clocks = alignments.sorted().joined(separator: "; ")
        return "{\"displayTimeUnit\":\"ns\",\"otherData\":{\"clocks\":\(Self.quoted(clocks))},\"traceEvents\":[\n"
            + events.joined(separator: ",\n") + "\n]}\n"
    }

    /// Writes the file, replacing what is there.
    /// - Throws: ``TimelineError``.
    public func write(to path: String) throws(TimelineError) {
        do throws(LineSink.Failure) {
            var sink = try LineSink(path: path, appends: false)
            sink.append(String(json.dropLast()))
            try sink.flush()
        } catch {
            throw TimelineError(path: path, reason: error.reason)
        }
    }

    private var tracks: [(track: Track, name: String)] {
        let lanes = Set(slices.map(\.track)).sorted { $0.id < $1.id }
        return lanes.map { track in
            switch track {
            case .host: (track, "host")
            case .device(lane: 0): (track, "device queue")
            case .device(let lane): (track, "device queue, overlapping \(lane)")
            }
        }
    }

    /// Whole nanoseconds as microseconds: a decimal fraction of three digits loses nothing.
    private static func microseconds(_ nanoseconds: Int) -> String {
        let digits = String(nanoseconds % 1000)
        return "\(nanoseconds / 1000)." + String(repeating: "0", count: 3 - digits.count) + digits
    }

    private static func text(_ argument: Argument) -> String {
        switch argument {
        case .text(let text): quoted(text)
        case .integer(let value): "\(value)"
        case .number(let value): value.isFinite ? "\(value)" : "null"
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case "\n": result += "\\n"
            case "\u{0}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

/// A timeline that cannot be written.
public struct TimelineError: Error, Equatable, CustomStringConvertible {
    let path: String
    let reason: String

    /// What failed, with which values, and what to try.
    public var description: String {
        "cannot write the timeline to \(path): \(reason); free some space, or choose another place"
    }
}
