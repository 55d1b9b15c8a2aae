// swift-tools-version: 6.2
import PackageDescription

// A package of its own: what libFuzzer links must not reach users of qp-gpu. Build it with ./run.
let package = Package(
    name: "qp-gpu-fuzz",
    dependencies: [.package(name: "qp-gpu", path: "..")],
    targets: [
        .executableTarget(name: "fuzz", dependencies: [.product(name: "QPFuzz", package: "qp-gpu")])
    ]
)
