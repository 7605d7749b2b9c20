// swift-tools-version: 6.1
import PackageDescription

// A package of its own: what only benchmarks need stays out of the product.
let package = Package(
    name: "engram-benchmarks",
    dependencies: [.package(name: "engram", path: "..")],
    targets: [
        .executableTarget(
            name: "engram-bench", dependencies: [.product(name: "Engram", package: "engram")],
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("MemberImportVisibility"),
            ])
    ],
    swiftLanguageModes: [.v6]
)
