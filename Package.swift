// swift-tools-version: 6.1
import PackageDescription

/// CI sets ENGRAM_STRICT so that no warning lands; a user's newer compiler must not break their build.
let isStrict = Context.environment["ENGRAM_STRICT"] != nil

let swiftSettings: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ] + (isStrict ? [.unsafeFlags(["-warnings-as-errors"])] : [])

// No unsafe flag outside strict builds: a package that has one cannot be another's dependency.
let cSettings: [CSetting] = isStrict ? [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])] : []

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let numerics = Target.Dependency.product(name: "Numerics", package: "swift-numerics")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "engram",
    products: [
        .executable(name: "engram", targets: ["engram"]),
        .library(name: "Engram", targets: ["EngramNumerics", "EngramMedia", "EngramNetworks", "EngramDynamics"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-numerics", exact: "1.1.1"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    ],
    targets: [
        // System libraries: a module map and a header, nothing else.
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev", "liblapacke-dev"])]),
        .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
        .systemLibrary(name: "CSndfile", pkgConfig: "sndfile", providers: [.apt(["libsndfile1-dev"])]),

        // C of our own.
        .target(
            name: "CEngramMedia", dependencies: ["CPNG", "CSndfile"], cSettings: cSettings,
            linkerSettings: [.linkedLibrary("FLAC"), .linkedLibrary("z")]),
        .target(name: "CEngramKernels", cSettings: cSettings),
        .target(name: "CEngramSystem", cSettings: cSettings),

        // The libraries, bottom-up; Documentation/Architecture.md has the import table that CI enforces.
        .target(
            name: "EngramNumerics", dependencies: ["COpenBLAS", "CEngramKernels", numerics], swiftSettings: swiftSettings),
        .target(name: "EngramMedia", dependencies: ["CEngramMedia"], swiftSettings: swiftSettings),
        .target(name: "EngramDynamics", dependencies: ["EngramNumerics", numerics], swiftSettings: swiftSettings),
        .target(name: "EngramNetworks", dependencies: ["EngramNumerics", "EngramDynamics"], swiftSettings: swiftSettings),
        .target(name: "EngramDrops", dependencies: ["CEngramSystem", grdb, logging], swiftSettings: swiftSettings),
        .target(
            name: "EngramMemories", dependencies: ["EngramNumerics", "EngramDynamics", "EngramNetworks", numerics],
            swiftSettings: swiftSettings),
        .target(name: "EngramReports", dependencies: ["EngramDynamics"], swiftSettings: swiftSettings),
        .target(
            name: "EngramPipeline",
            dependencies: [
                "EngramNumerics", "EngramMedia", "EngramNetworks", "EngramDynamics", "EngramMemories", "EngramReports", numerics, yams,
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "EngramExperiments",
            dependencies: [
                "EngramNumerics", "EngramMedia", "EngramNetworks", "EngramDynamics", "EngramMemories", "EngramReports", numerics,
            ],
            resources: [.embedInCode("Resources")], swiftSettings: swiftSettings),
        .executableTarget(
            name: "engram",
            dependencies: [
                "EngramDrops", "EngramMemories", "EngramPipeline", "EngramExperiments", "EngramReports", argumentParser, logging, unixSignals,
            ],
            swiftSettings: swiftSettings),

        // Golden values and how to read them; only test targets may depend on it.
        .target(
            name: "EngramTestSupport", dependencies: ["EngramNetworks", "EngramNumerics"], path: "Tests/EngramTestSupport",
            resources: [.copy("Fixtures")], swiftSettings: swiftSettings),
        .testTarget(
            name: "EngramNumericsTests", dependencies: ["EngramNumerics", numerics], resources: [.copy("Fixtures")],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "EngramMediaTests", dependencies: ["EngramMedia"], resources: [.copy("Fixtures")], swiftSettings: swiftSettings),
        .target(name: "CAllocationCounter", path: "Tests/CAllocationCounter", cSettings: cSettings),
        .testTarget(
            name: "EngramNetworksTests", dependencies: ["CAllocationCounter", "EngramNetworks", "EngramNumerics", "EngramTestSupport"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "EngramDynamicsTests",
            dependencies: ["EngramDynamics", "EngramNetworks", "EngramNumerics", "EngramTestSupport", numerics],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "EngramDropsTests", dependencies: ["EngramDrops", grdb, logging], resources: [.copy("Fixtures")],
            swiftSettings: swiftSettings),
        .testTarget(name: "EngramReportsTests", dependencies: ["EngramReports", "EngramDynamics"], swiftSettings: swiftSettings),
        .testTarget(
            name: "EngramPipelineTests",
            dependencies: ["EngramPipeline", "EngramMedia", "EngramNetworks", "EngramNumerics", "EngramDynamics"],
            resources: [.copy("Fixtures")],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "EngramFuzzTests",
            dependencies: ["engram", "EngramDrops", "EngramMedia", "EngramNetworks", "EngramNumerics", "EngramPipeline", "EngramReports"],
            exclude: ["make_corpus.c"], resources: [.copy("Corpus")], swiftSettings: swiftSettings),
        .testTarget(
            name: "EngramExperimentsTests",
            dependencies: ["EngramExperiments", "EngramMedia", "EngramReports", "EngramNetworks", "EngramNumerics"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "EngramCommandTests",
            dependencies: ["engram", "EngramDrops", "EngramExperiments", "EngramMedia", "EngramPipeline", "EngramReports", argumentParser],
            swiftSettings: swiftSettings),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c17
)
