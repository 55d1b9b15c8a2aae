import Testing

@testable import QPDevice

@Suite struct TracingTests {
    /// Fills in two named stages.
    private func fills(_ device: Device) throws -> CommandBuffer {
        let buffer = try Buffer(device, byteCount: 4096)
        return try device.record { recorder throws(DeviceError) in
            recorder.stage("first")
            recorder.fill(buffer, offset: 0, byteCount: 4096, with: 1)
            recorder.stage("second")
            recorder.barrier()
            recorder.fill(buffer, offset: 0, byteCount: 4096, with: 2)
        }
    }

    private static func timestamps() throws -> Bool { try physicalDevice().limits.timestampValidBits > 0 }

    @Test(.enabled("the device has timestamps") { try timestamps() })
    func stagesOfASubmissionAreTimed() throws {
        try withValidatedDevice { device in
            let tracer = device.startTracing()
            let commands = try fills(device)
            try device.run(commands)
            let submission = try #require(tracer.takeSubmissions().first)
            #expect(submission.stages.map(\.name) == ["first", "second"] && submission.isStep)
            #expect(submission.stages[0].start <= submission.stages[0].end)
            #expect(submission.stages[0].end == submission.stages[1].start)
            let recording = try #require(submission.recording)
            #expect(recording.upperBound <= submission.submitting.lowerBound)
            #expect(submission.submitting.upperBound <= submission.waiting.lowerBound)
            let begin = submission.stages[0].start
            let end = submission.stages[1].end
            switch submission.alignment {
            case .calibrated(let deviation):
                #expect(device.limits.hasCalibratedTimestamps)
                #expect(begin >= submission.submitting.lowerBound - deviation)
                #expect(end <= submission.waiting.upperBound + deviation)
            case .submission: #expect(begin == submission.submitting.lowerBound)
            case .none: Issue.record("no times")
            }
            #expect(tracer.takeSubmissions().isEmpty)
            // Again: its recording was told, its times are new.
            try device.run(commands)
            let again = try #require(tracer.takeSubmissions().first)
            #expect(again.recording == nil && again.stages[0].start >= end)
        }
    }

    /// Commands recorded before tracing have no timestamps; afterwards nothing is traced.
    @Test func tracingBeginsAndEnds() throws {
        try withValidatedDevice { device in
            let early = try fills(device)
            let tracer = device.startTracing()
            // Two submissions, one wait.
            _ = try device.submit(early)
            try device.wait(for: try device.submit(try fills(device)))
            let submissions = tracer.takeSubmissions()
            #expect(submissions.count == 2 && submissions[0].waiting == submissions[1].waiting)
            #expect(submissions[0].stages.isEmpty && submissions[0].alignment == .none)
            device.stopTracing()
            try device.run(try fills(device))
            #expect(tracer.takeSubmissions().isEmpty)
            #expect(try fills(device).stages == nil)
        }
    }

    /// More stages than there is room for: the last one lasts to the end.
    @Test(.enabled("the device has timestamps") { try timestamps() })
    func stagesBeyondTheRoomAreOne() throws {
        try withValidatedDevice { device in
            let tracer = device.startTracing()
            try device.run(
                try device.record { recorder throws(DeviceError) in
                    for index in 0..<100 { recorder.stage("\(index)") }
                })
            let stages = try #require(tracer.takeSubmissions().first).stages
            #expect(stages.map(\.name) == (0..<StageTimestamps.capacity).map(String.init))
        }
    }

    /// By hand: ticks of 2 ns, a counter of 8 bits that wraps, and no calibration.
    @Test func withoutCalibrationASubmissionBeginsWhenItWasHandedOver() {
        var state = DeviceTracer.State()
        let clock = TimestampClock(period: 2, validBits: 8)
        func place(_ submitted: Int, _ ticks: [UInt64], _ calibration: ClockCalibration?) {
            DeviceTracer.place(
                .init(value: 1, commands: [], submitting: submitted..<(submitted + 5)), 900..<1000,
                [(names: ["a", "b"], ticks: ticks)], clock, calibration, &state)
        }
        place(100, [250, 2, 6], nil)
        #expect(
            state.finished[0].stages == [
                .init(name: "a", start: 100, end: 116), .init(name: "b", start: 116, end: 124),
            ])
        #expect(state.finished[0].alignment == .submission)
        // Handed over while the first still ran: it cannot have begun before that ended.
        place(110, [7, 8, 9], nil)
        #expect(state.finished[1].stages.map(\.start) == [124, 126])
        place(110, [250, 2, 6], ClockCalibration(ticks: 10, hostNanoseconds: 1000, deviationNanoseconds: 3))
        #expect(state.finished[2].stages.map(\.start) == [968, 984] && state.finished[2].stages[1].end == 992)
        #expect(state.finished[2].alignment == .calibrated(deviationNanoseconds: 3))
    }
}
