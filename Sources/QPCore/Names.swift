/// The compute kernels, by the names that profiles and tables use.
public enum KernelName: String, Codable, CaseIterable, Sendable {
    /// Dense projection: every row scored, scores written.
    case scan
    /// Rows given by index scored, scores written.
    case gather
    /// Best and second best of an array of scores.
    case topTwo
    /// Dense projection that keeps only the best two scores.
    case scanTopTwo
    /// Gather that keeps only the best two scores.
    case gatherTopTwo
    /// Packed mask to sorted list of ids and their count.
    case compactMask
    /// Dense projection under a packed mask that keeps only the best two allowed scores.
    case maskedScanTopTwo
}

/// A complete recorded step, constraint in and token out, whose time a profile keeps as a curve over K.
///
/// `dense`, `sparse`, `amortizedRerank` and `fullRecompute` are the paper's plans of that name (LLM-QP §3).
/// `denseSkipping`, `sparseFromMask` and `sparseRouted` are the forms they take when the mask is born on the device and
/// its count unknown to the host. A profile may lack any but `dense` and `sparse`.
public enum StepName: String, Codable, CaseIterable, Sendable {
    /// Score all V rows, then let only those of the mask compete. Flat in K.
    case dense
    /// Score rows under the mask, skipping each block of rows in which nothing is allowed.
    case denseSkipping
    /// Score the K rows of a list that the host gives.
    case sparse
    /// Compact the mask to a list on the device, then score its rows by an indirect dispatch.
    case sparseFromMask
    /// The same, where the device chose it: the count is priced on two curves, and the scan that lost has no
    /// workgroups.
    case sparseRouted
    /// Score the K rows of a list by a copy of W in fewer bits, then those that may still be among the best two by W.
    /// A profile times it with 8 bits, over rows of which few stay in play.
    case screenedRerank
    /// Score all V rows, keep their scores as an anchor, and let only those of the mask compete. Flat in K.
    case fullRecompute
    /// Bound today's scores by an anchor's, then score the rows that may still be among the best two. A profile times
    /// it with the anchor's own state, so that few rows stay in play.
    case amortizedRerank
}
