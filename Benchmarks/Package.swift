// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that what only a comparison needs (OpenBLAS) never reaches users of qp-gpu.
let package = Package(
    name: "qp-gpu-benchmarks",
    dependencies: [
        // Named, since the folder of a clone may have any name.
        .package(name: "qp-gpu", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    ],
    targets: [
        .systemLibrary(name: "COpenBLAS"),
        .executableTarget(
            name: "qp-gpu-benchmark",
            dependencies: [
                "COpenBLAS",
                .product(name: "QPCore", package: "qp-gpu"),
                .product(name: "QPDevice", package: "qp-gpu"),
                .product(name: "QPKernels", package: "qp-gpu"),
                .product(name: "QPPlanner", package: "qp-gpu"),
                .product(name: "QPHead", package: "qp-gpu"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .enableUpcomingFeature("InternalImportsByDefault"),
            ]),
        // Times of constraints for constraints.py, which puts them beside other engines'.
        .executableTarget(
            name: "constraint-times",
            dependencies: [
                .product(name: "QPConstraints", package: "qp-gpu"),
                .product(name: "QPFormats", package: "qp-gpu"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
    ]
)
