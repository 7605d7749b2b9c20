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

/// `make docs` sets ENGRAM_DOCS; nobody else fetches the plugin that builds the documentation.
let documentationPlugins: [Package.Dependency] =
    Context.environment["ENGRAM_DOCS"] == nil ? [] : [.package(url: "https://github.com/swiftlang/swift-docc-plugin", exact: "1.5.0")]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let numerics = Target.Dependency.product(name: "Numerics", package: "swift-numerics")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "engram",
    products: [
        .executable(name: "engram", targets: ["engram"]),
        .library(
            name: "Engram",
            targets: [
                "Engram", "EngramNumerics", "EngramMedia", "EngramDynamics", "EngramNetworks", "EngramKernels", "EngramMemories",
                "EngramSystem",
            ]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-numerics", exact: "1.1.1"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    ] + documentationPlugins,
    targets: [
        // System libraries: a module map and a header, nothing else.
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev", "liblapacke-dev"])]),
        .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
        .systemLibrary(name: "CJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg-dev"])]),
        .systemLibrary(name: "CSndfile", pkgConfig: "sndfile", providers: [.apt(["libsndfile1-dev"])]),

        // C of our own.
        .target(
            name: "CEngramMedia", dependencies: ["CPNG", "CJPEG", "CSndfile"], cSettings: cSettings,
            linkerSettings: [.linkedLibrary("FLAC"), .linkedLibrary("samplerate"), .linkedLibrary("z")]),
        .target(name: "CEngramKernels", cSettings: cSettings),
        .target(name: "CEngramSystem", cSettings: cSettings),

        // The libraries, bottom-up; Documentation/Architecture.md has the import table that CI enforces.
        .target(name: "EngramSystem", dependencies: ["CEngramSystem", crypto], swiftSettings: swiftSettings),
        .target(
            name: "EngramNumerics", dependencies: ["COpenBLAS", "CEngramKernels", numerics], swiftSettings: swiftSettings),
        .target(name: "EngramMedia", dependencies: ["CEngramMedia", "EngramSystem"], swiftSettings: swiftSettings),
        .target(name: "EngramDynamics", dependencies: ["EngramNumerics", "EngramSystem", numerics], swiftSettings: swiftSettings),
        .target(
            name: "EngramNetworks", dependencies: ["EngramNumerics", "EngramDynamics", "EngramSystem", numerics],
            swiftSettings: swiftSettings),
        .target(
            name: "EngramDrops", dependencies: ["CEngramSystem", "EngramSystem", grdb, logging], swiftSettings: swiftSettings),
        .target(
            name: "EngramKernels", dependencies: ["EngramNumerics", "EngramDynamics", "EngramSystem", numerics],
            swiftSettings: swiftSettings),
        .target(
            name: "EngramMemories",
            dependencies: ["EngramSystem", "EngramNumerics", "EngramDynamics", "EngramNetworks", "EngramKernels", numerics],
            swiftSettings: swiftSettings),
        // What `import Engram` gives: the libraries above, and what joins two of them.
        .target(
            name: "Engram",
            dependencies: [
                "EngramSystem", "EngramNumerics", "EngramMedia", "EngramDynamics", "EngramNetworks", "EngramKernels", "EngramMemories",
                numerics,
            ],
            swiftSettings: swiftSettings),
        .target(name: "EngramReports", dependencies: ["EngramDynamics", "EngramSystem"], swiftSettings: swiftSettings),
        .target(
            name: "EngramPipeline",
            dependencies: [
                "Engram", "EngramNumerics", "EngramMedia", "EngramNetworks", "EngramDynamics", "EngramKernels", "EngramMemories",
                "EngramReports", "EngramSystem", numerics, yams,
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "EngramExperiments",
            dependencies: [
                "EngramNumerics", "EngramMedia", "EngramNetworks", "EngramKernels", "EngramDynamics", "EngramMemories", "EngramReports",
                "EngramSystem", numerics,
            ],
            resources: [.embedInCode("Resources")], swiftSettings: swiftSettings),
        // Status, metrics and the page; the only target that knows HTTP.
        .target(
            name: "EngramService", dependencies: ["EngramDrops", "EngramReports", "EngramSystem", crypto, hummingbird, logging],
            resources: [.embedInCode("Resources")], swiftSettings: swiftSettings),
        .executableTarget(
            name: "engram",
            dependencies: [
                "EngramDrops", "EngramMedia", "EngramMemories", "EngramPipeline", "EngramExperiments", "EngramReports", "EngramService",
                "EngramSystem", argumentParser, logging, unixSignals,
            ],
            swiftSettings: swiftSettings),

        // A program that a reader can copy; in no product, and built with the rest so that it cannot rot.
        .executableTarget(name: "StoreTenDigits", dependencies: ["Engram"], path: "Examples/StoreTenDigits", swiftSettings: swiftSettings),

        // Golden values and how to read them; only test targets may depend on it.
        .target(
            name: "EngramTestSupport", dependencies: ["EngramNetworks", "EngramNumerics"], path: "Tests/EngramTestSupport",
            resources: [.copy("Fixtures")], swiftSettings: swiftSettings),
        .testTarget(
            name: "EngramNumericsTests", dependencies: ["EngramNumerics", numerics], resources: [.copy("Fixtures")],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "EngramSystemTests", dependencies: ["CEngramSystem", "EngramSystem"], resources: [.copy("Fixtures")],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "EngramMediaTests", dependencies: ["EngramMedia", "EngramSystem", "EngramTestSupport"], resources: [.copy("Fixtures")],
            swiftSettings: swiftSettings),
        .target(name: "CAllocationCounter", path: "Tests/CAllocationCounter", cSettings: cSettings),
        .testTarget(
            name: "EngramNetworksTests",
            dependencies: ["CAllocationCounter", "EngramDynamics", "EngramNetworks", "EngramNumerics", "EngramTestSupport"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "EngramDynamicsTests",
            dependencies: ["EngramDynamics", "EngramNetworks", "EngramNumerics", "EngramTestSupport", numerics],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "EngramDropsTests", dependencies: ["EngramDrops", "EngramMedia", "EngramTestSupport", grdb, logging],
            resources: [.copy("Fixtures")],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "EngramMemoriesTests",
            dependencies: ["EngramMemories", "EngramKernels", "EngramNetworks", "EngramNumerics", "EngramDynamics", "EngramSystem"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "EngramKernelsTests",
            dependencies: ["EngramKernels", "EngramDynamics", "EngramNetworks", "EngramNumerics", "EngramTestSupport", numerics],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "EngramTests", dependencies: ["Engram", "EngramMedia", "EngramMemories", "EngramSystem"], swiftSettings: swiftSettings),
        .testTarget(name: "EngramReportsTests", dependencies: ["EngramReports", "EngramDynamics"], swiftSettings: swiftSettings),
        .testTarget(
            name: "EngramServiceTests",
            dependencies: ["EngramService", "EngramDrops", "EngramReports", "EngramSystem", grdb, hummingbird, logging],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "EngramPipelineTests",
            dependencies: [
                "EngramPipeline", "EngramMemories", "EngramMedia", "EngramNetworks", "EngramNumerics", "EngramDynamics", "EngramSystem",
            ],
            resources: [.copy("Fixtures")],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "EngramFuzzTests",
            dependencies: [
                "engram", "EngramDrops", "EngramDynamics", "EngramKernels", "EngramMedia", "EngramMemories", "EngramNetworks",
                "EngramNumerics", "EngramPipeline", "EngramReports", "EngramService", "EngramSystem",
            ],
            exclude: ["make_corpus.c"], resources: [.copy("Corpus")], swiftSettings: swiftSettings),
        .testTarget(
            name: "EngramExperimentsTests",
            dependencies: ["EngramExperiments", "EngramDynamics", "EngramMedia", "EngramReports", "EngramNetworks", "EngramNumerics"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "EngramCommandTests",
            dependencies: [
                "engram", "EngramDrops", "EngramExperiments", "EngramMedia", "EngramMemories", "EngramPipeline", "EngramReports",
                "EngramService", "EngramSystem", argumentParser,
            ],
            swiftSettings: swiftSettings),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c17
)
