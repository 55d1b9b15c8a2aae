internal import QPCore
public import QPDevice
internal import QPKernels

/// Hidden states of an earlier step with the scores that they gave, for reuse by the steps after it.
///
/// Scores are those of the shared order, `[batch, V]` binary32 on the device. Rows that the step did not score hold
/// NaN: a later step keeps them as survivors. A new anchor holds nothing but NaN, so that a step which reuses it is
/// right, and slow.
public final class Anchor: Sendable {
    public let head: Head
    public let batch: Int
    /// h₀.
    let hidden: HiddenStates
    let scores: RowValues

    /// - Throws: ``DeviceError`` `outOfMemory`. Takes `batch · 4·(V + d)` bytes.
    public init(_ head: Head, batch: Int) throws(DeviceError) {
        self.head = head
        self.batch = batch
        let device = head.library.device
        hidden = try HiddenStates(device, shape: head.shape, batch: batch)
        let scores = try RowValues(head.library, vocabularySize: head.shape.vocabularySize, setCount: batch)
        self.scores = scores
        try device.run(
            try device.record { recorder throws(DeviceError) in
                scores.recordClear(into: &recorder)
                recorder.barrier()
            })
    }

    /// The scores of batch row `row`, NaN where it has none.
    public func readScores(row: Int) throws(DeviceError) -> [Float] { try scores.read(set: row) }
}
