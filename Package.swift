// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
    name: "qp-gpu",
    products: [
        .library(name: "QPFormats", targets: ["QPFormats"]),
        .library(name: "QPConstraints", targets: ["QPConstraints"]),
        .library(name: "QPPlanner", targets: ["QPPlanner"]),
        // For Fuzz/, which gives the parsers inputs by coverage.
        .library(name: "QPFuzz", targets: ["QPFuzz"]),
        .library(name: "QPHead", targets: ["QPHead"]),
        .library(name: "QPRuntime", targets: ["QPRuntime"]),
        // For Benchmarks/, which times the kernels one by one; no promise is made about these three.
        .library(name: "QPCore", targets: ["QPCore"]),
        .library(name: "QPDevice", targets: ["QPDevice"]),
        .library(name: "QPKernels", targets: ["QPKernels"]),
        .executable(name: "qp-gpu", targets: ["qp-gpu"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.5.0"),
        // For the conformance runner only: the public suites of regular expressions are TOML.
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    ],
    targets: [
        .systemLibrary(name: "CVulkan"),
        .systemLibrary(name: "CGlslang"),
        .target(
            name: "CSPIRVTools",
            linkerSettings: [
                .linkedLibrary("SPIRV-Tools-opt"), .linkedLibrary("SPIRV-Tools"), .linkedLibrary("stdc++"),
            ]),
        .target(name: "QPCore", swiftSettings: strict),
        .target(
            name: "QPShaders",
            path: "Shaders",
            sources: ["ShaderSources.swift"],
            resources: [
                .embedInCode("arithmetic_rate.comp"),
                .embedInCode("candidates.glsl"),
                .embedInCode("blocks.glsl"),
                .embedInCode("compact_mask.comp"),
                .embedInCode("cost_curve.glsl"),
                .embedInCode("route_step.comp"),
                .embedInCode("elements.glsl"),
                .embedInCode("fill_weights.comp"),
                .embedInCode("finalize_sample.comp"),
                .embedInCode("finalize_top2.comp"),
                .embedInCode("fixed_point.glsl"),
                .embedInCode("fixed_point_probe.comp"),
                .embedInCode("half_probe.comp"),
                .embedInCode("interleave.comp"),
                .embedInCode("interval.glsl"),
                .embedInCode("list_survivors.comp"),
                .embedInCode("lower_ends.comp"),
                .embedInCode("mark_survivors.comp"),
                .embedInCode("measure_hidden.comp"),
                .embedInCode("norm.glsl"),
                .embedInCode("nothing.comp"),
                .embedInCode("perturbed_ends.comp"),
                .embedInCode("philox.glsl"),
                .embedInCode("quantize_blocks.comp"),
                .embedInCode("quantize_rows.comp"),
                .embedInCode("read_bandwidth.comp"),
                .embedInCode("reduce_top2.comp"),
                .embedInCode("repeat.glsl"),
                .embedInCode("row_norms.comp"),
                .embedInCode("sample_tokens.comp"),
                .embedInCode("sample_top2.comp"),
                .embedInCode("sampling.glsl"),
                .embedInCode("score.comp"),
                .embedInCode("select_bins.comp"),
                .embedInCode("select_digit.comp"),
                .embedInCode("score_blocks.comp"),
                .embedInCode("subgroup.glsl"),
                .embedInCode("top2.glsl"),
            ],
            swiftSettings: strict),
        .target(name: "QPFormats", dependencies: ["QPCore"], swiftSettings: strict),
        .target(name: "QPConstraints", dependencies: ["QPCore", "QPFormats"], swiftSettings: strict),
        .target(
            name: "QPConformance",
            dependencies: [
                "QPCore", "QPFormats", "QPConstraints", .product(name: "TOMLKit", package: "TOMLKit"),
            ],
            swiftSettings: strict),
        .target(name: "QPPlanner", dependencies: ["QPCore"], swiftSettings: strict),
        .target(name: "QPReport", dependencies: ["QPPlanner", "QPCore"], swiftSettings: strict),
        .target(
            name: "QPDevice", dependencies: ["CVulkan", "CGlslang", "CSPIRVTools", "QPCore"], swiftSettings: strict),
        .target(
            name: "QPKernels", dependencies: ["QPCore", "QPDevice", "QPShaders"], swiftSettings: strict),
        .target(
            name: "QPHead", dependencies: ["QPCore", "QPDevice", "QPKernels", "QPPlanner"], swiftSettings: strict),
        .target(
            name: "QPRuntime",
            dependencies: [
                "QPCore", "QPDevice", "QPKernels", "QPPlanner", "QPHead",
                .product(name: "CoreMetrics", package: "swift-metrics"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "qp-gpu",
            dependencies: [
                "QPCore", "QPDevice", "QPKernels", "QPPlanner", "QPReport", "QPHead", "QPRuntime", "QPFormats",
                "QPConstraints", "QPConformance",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        .testTarget(name: "QPCoreTests", dependencies: ["QPCore"], swiftSettings: strict),
        // Seeded random numbers and the public test data, for tests without a device.
        .target(name: "QPTestInputs", path: "Tests/QPTestInputs", swiftSettings: strict),
        .testTarget(
            name: "QPFormatsTests", dependencies: ["QPTestInputs", "QPFormats", "QPCore"],
            resources: [.embedInCode("Fixtures/ggml-blocks.json")], swiftSettings: strict),
        .testTarget(
            name: "QPConstraintsTests", dependencies: ["QPTestInputs", "QPConstraints", "QPFormats", "QPCore"],
            swiftSettings: strict),
        .testTarget(
            name: "QPConformanceTests",
            dependencies: ["QPTestInputs", "QPConformance", "QPConstraints", "QPFormats", "QPCore"],
            exclude: ["Fixtures", "Baseline"], swiftSettings: strict),
        .testTarget(
            name: "QPPlannerTests", dependencies: ["QPPlanner", "QPCore"],
            resources: [.embedInCode("Fixtures/mabwiser.json")], swiftSettings: strict),
        .testTarget(name: "QPReportTests", dependencies: ["QPReport", "QPPlanner", "QPCore"], swiftSettings: strict),
        .testTarget(name: "QPDeviceTests", dependencies: ["QPDevice", "QPCore"], swiftSettings: strict),
        .target(
            name: "QPTestSupport", dependencies: ["QPKernels", "QPDevice"], path: "Tests/QPTestSupport",
            swiftSettings: strict),
        .testTarget(
            name: "QPKernelsTests", dependencies: ["QPTestSupport", "QPShaders", "QPKernels", "QPDevice", "QPCore"],
            swiftSettings: strict),
        .testTarget(
            name: "QPHeadTests",
            dependencies: ["QPTestSupport", "QPHead", "QPKernels", "QPDevice", "QPPlanner", "QPCore"],
            swiftSettings: strict),
        .testTarget(
            name: "QPRuntimeTests",
            dependencies: [
                "QPTestSupport", "QPRuntime", "QPHead", "QPKernels", "QPDevice", "QPPlanner", "QPCore",
                .product(name: "MetricsTestKit", package: "swift-metrics"),
            ],
            swiftSettings: strict),
        .target(
            name: "QPFuzz", dependencies: ["QPConstraints", "QPFormats"], path: "Tests/QPFuzz", swiftSettings: strict),
        .testTarget(name: "QPFuzzTests", dependencies: ["QPTestInputs", "QPFuzz"], swiftSettings: strict),
        // The examples' programs, built beside the tool so that a test can run them.
        .executableTarget(
            name: "registered-plan", dependencies: ["QPCore", "QPDevice", "QPHead", "QPKernels", "QPPlanner"],
            path: "Examples/registered-plan/Sources/registered-plan", swiftSettings: strict),
        .executableTarget(
            name: "library-example",
            dependencies: ["QPConstraints", "QPCore", "QPDevice", "QPFormats", "QPHead", "QPKernels", "QPPlanner"],
            path: "Examples/library", swiftSettings: strict),
        // Runs the built executables as subprocesses, so it depends on none of the modules that it tests.
        .testTarget(name: "CommandLineTests", dependencies: ["QPTestInputs"], swiftSettings: strict),
    ]
)
