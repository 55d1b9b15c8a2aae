// swift-tools-version: 6.2
import PackageDescription

// In a package of your own: .package(url: "…/qp-gpu", from: "0.1.0"), and the imports below as products.
let package = Package(
    name: "registered-plan",
    dependencies: [.package(name: "qp-gpu", path: "../..")],
    targets: [
        .executableTarget(
            name: "registered-plan",
            dependencies: ["QPCore", "QPDevice", "QPHead", "QPKernels", "QPPlanner"].map {
                .product(name: $0, package: "qp-gpu")
            })
    ]
)
