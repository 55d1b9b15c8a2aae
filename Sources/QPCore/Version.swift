/// The version of qp-gpu, as `qp-gpu --version` prints it.
public let qpGPUVersion = "0.1.0"
