import COpenBLAS

/// The library that the scans are compared with.
enum OpenBLAS {
    static func setThreadCount(_ count: Int) { openblas_set_num_threads(Int32(count)) }

    /// Version, build options and the processor its kernels were chosen for.
    static var description: String {
        let configuration = String(cString: openblas_get_config()).split(separator: " ").joined(separator: " ")
        return "\(configuration), kernels for \(String(cString: openblas_get_corename()))"
    }

    /// `scores = W · h`: `[V, d] · [d] → [V]`.
    static func sgemv(_ matrix: HostMatrix, _ hidden: [Float], _ scores: UnsafeMutablePointer<Float>) {
        cblas_sgemv(
            CblasRowMajor, CblasNoTrans, Int32(matrix.rowCount), Int32(matrix.columnCount), 1, matrix.floats,
            Int32(matrix.columnCount), hidden, 1, 0, scores, 1)
    }
}
