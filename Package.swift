// swift-tools-version: 6.3
import PackageDescription

/// Every target is built with the same strictness: Swift 6, strict memory safety, and warnings that stop the build.
let strict: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("InferIsolatedConformances"),
  .enableUpcomingFeature("ImmutableWeakCaptures"),
]

/// On the path of every invocation an existential costs an allocation, so it is refused there.
let hotPath: [SwiftSetting] = strict + [.treatWarning("ExistentialType", as: .error)]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let collections = Target.Dependency.product(name: "Collections", package: "swift-collections")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")

func module(
  _ name: String, _ dependencies: [Target.Dependency] = [], path: String? = nil, settings: [SwiftSetting] = strict
) -> Target {
  .target(name: name, dependencies: dependencies, path: path, swiftSettings: settings)
}

func program(_ name: String, _ dependencies: [Target.Dependency], path: String? = nil) -> Target {
  .executableTarget(name: name, dependencies: dependencies, path: path, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name + "Tests", dependencies: dependencies, swiftSettings: strict)
}

let package = Package(
  name: "pheromone",
  products: [
    .library(name: "PheromoneFunctions", targets: ["PheromoneFunctions"]),
    .executable(name: "pheromone", targets: ["pheromone"]),
    .executable(name: "pheromone-controller", targets: ["pheromone-controller"]),
    .executable(name: "pheromone-coordinator", targets: ["pheromone-coordinator"]),
    .executable(name: "pheromone-sidecar", targets: ["pheromone-sidecar"]),
    .executable(name: "patterns", targets: ["patterns"]),
    .executable(name: "wordcount", targets: ["wordcount"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // The pure core: values in, actions out.
    module("Dataflow"),
    module("Triggers", ["Dataflow", collections], settings: hotPath),
    module("Scheduling", ["Dataflow", collections], settings: hotPath),

    // The data plane inside a pod.
    .target(name: "CSharedMemory"),
    module("SharedMemory", ["CSharedMemory"], settings: hotPath),
    module("ObjectStore", ["Dataflow", "SharedMemory", "Wire"], settings: hotPath),
    module("Wire", ["Dataflow"], settings: hotPath),
    module(
      "ExecutorPod", ["Dataflow", "Triggers", "Scheduling", "ObjectStore", "Wire", collections], settings: hotPath),
    module("PheromoneFunctions", ["Dataflow", "SharedMemory", "Wire"]),
    module(
      "Sidecar",
      [
        "ExecutorPod", "Dataflow", "CSharedMemory", "Scheduling", "SharedMemory", "ObjectStore", "Wire", "Telemetry",
        collections, logging, nioCore, nioHTTP1, nioPosix, serviceLifecycle,
      ]),

    // What programs tell of themselves.
    module("Telemetry"),
    module("ProgramLog", [argumentParser, logging]),

    // Files and threads, as far as FoundationEssentials has none.
    module("Posix"),

    // Kubernetes.
    .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    module("KubernetesAPI"),
    module("KubernetesClient", ["KubernetesAPI", "Posix", "Telemetry", "CCurl", "CYAML", logging]),
    module(
      "ControllerRuntime", ["KubernetesAPI", "KubernetesClient", "Telemetry", collections, logging, serviceLifecycle]),
    module(
      "Reconcilers", ["ControllerRuntime", "KubernetesAPI", "KubernetesClient", "Dataflow", "Telemetry", logging]),
    module(
      "Coordinator",
      [
        "Dataflow", "Scheduling", "Wire", "KubernetesAPI", "KubernetesClient", "ControllerRuntime", "Telemetry",
        collections,
        logging, hummingbird, httpTypes, nioCore, nioPosix, serviceLifecycle,
      ]),

    // The local cluster.
    module(
      "LocalAPIServer",
      [
        "KubernetesAPI", "KubernetesClient", "Posix", collections, logging, hummingbird, hummingbirdCore, httpTypes,
        nioCore, nioHTTP1, nioPosix, serviceLifecycle,
      ]),
    .target(name: "CProcess"),
    module(
      "NodeAgent",
      [
        "CProcess", "KubernetesAPI", "KubernetesClient", "ControllerRuntime", "Posix", collections, logging,
        hummingbird,
        httpTypes,
        nioCore, nioPosix, serviceLifecycle,
      ]),
    module(
      "NodeControl",
      ["KubernetesAPI", "KubernetesClient", "ControllerRuntime", collections, logging, serviceLifecycle]),

    // The programs.
    program(
      "pheromone",
      [
        "Dataflow", "Triggers", "KubernetesAPI", "KubernetesClient", "LocalAPIServer", "NodeAgent", "NodeControl",
        "Posix",
        argumentParser, logging, serviceLifecycle, unixSignals,
      ], path: "Sources/Programs/pheromone"),
    program(
      "pheromone-controller",
      [
        "Reconcilers", "ControllerRuntime", "KubernetesClient", "ProgramLog", argumentParser, logging, serviceLifecycle,
        hummingbird, httpTypes, unixSignals,
      ],
      path: "Sources/Programs/pheromone-controller"),
    program(
      "pheromone-coordinator",
      [
        "Coordinator", "Dataflow", "KubernetesClient", "ProgramLog", argumentParser, logging, serviceLifecycle,
        unixSignals,
      ],
      path: "Sources/Programs/pheromone-coordinator"),
    program(
      "pheromone-sidecar", ["Sidecar", "ProgramLog", argumentParser, logging, serviceLifecycle, unixSignals],
      path: "Sources/Programs/pheromone-sidecar"),
    program("wordcount", ["PheromoneFunctions"], path: "Sources/Examples/wordcount"),
    program("patterns", ["PheromoneFunctions"], path: "Sources/Examples/patterns"),
    program("probe", ["PheromoneFunctions"], path: "Sources/Examples/probe"),
    program("greet", ["PheromoneFunctions"], path: "Sources/Examples/greet"),

    // Tests repeat the folders of the sources.
    tests("Dataflow", ["Dataflow"]),
    tests("Triggers", ["Triggers", "Dataflow"]),
    tests("Scheduling", ["Scheduling", "Dataflow"]),
    program("ring-benchmark", ["SharedMemory", "CSharedMemory"], path: "Tests/RingBenchmark"),
    tests("SharedMemory", ["SharedMemory", "CSharedMemory", "ring-benchmark"]),
    tests("ObjectStore", ["ObjectStore", "Dataflow", "SharedMemory", "Wire"]),
    tests("Wire", ["Wire", "Dataflow"]),
    tests("PheromoneFunctions", ["PheromoneFunctions", "SharedMemory", "Wire", "Dataflow"]),
    tests("ExecutorPod", ["ExecutorPod", "Dataflow", "Triggers", "Scheduling", "ObjectStore", "Wire"]),
    // A worker that dies where a test says, and one that tries to change what it was lent.
    .target(name: "CTampering", path: "Tests/CTampering"),
    program(
      "hostile-worker", ["SharedMemory", "CSharedMemory", "CTampering", "Wire"], path: "Tests/HostileWorker"),
    tests(
      "Sidecar",
      [
        "Sidecar", "PheromoneFunctions", "ExecutorPod", "ObjectStore", "Dataflow", "SharedMemory", "CSharedMemory",
        "CTampering", "Wire", "faults", "hostile-worker", logging, nioCore, nioHTTP1,
        nioPosix,
      ]),
    // A pod on a virtual clock among simulated workers and a simulated coordinator; `hack/simulate` runs it at length.
    module(
      "Simulation",
      ["ExecutorPod", "Dataflow", "Triggers", "Scheduling", "ObjectStore", "Wire", collections],
      path: "Tests/Simulation"),
    program("simulate", ["Simulation", argumentParser], path: "Tests/Simulate"),
    tests("Simulation", ["Simulation", "simulate"]),
    // What an event costs the engine; `hack/bench engine` runs it.
    .target(name: "CAllocationCount", path: "Tests/CAllocationCount"),
    // What a pod's data plane costs, on real processes; `hack/bench` runs it.
    program(
      "pheromone-bench",
      [
        "Measures", "PheromoneFunctions", "ExecutorPod", "Dataflow", "SharedMemory", "CSharedMemory", "Wire",
        "CAllocationCount", argumentParser, collections,
      ],
      path: "Tests/PodBenchmark"),
    // What the controller costs at scale; `hack/bench --control-plane` runs it.
    program(
      "control-plane-benchmark",
      [
        "Measures", "ControllerRuntime", "Reconcilers", "LocalAPIServer", "KubernetesAPI", "KubernetesClient",
        "pheromone-controller", argumentParser, logging,
      ],
      path: "Tests/ControlPlaneBenchmark"),
    // What of them needs no process of its own: reports, what is allowed, what others answer, what is allowed, what others answer.
    module("Measures", path: "Tests/Measures"),
    tests("Measures", ["Measures"]),
    program(
      "EngineBenchmark", ["Triggers", "ExecutorPod", "ObjectStore", "Wire", "Dataflow", "CAllocationCount"],
      path: "Tests/EngineBenchmark"),
    tests("Telemetry", ["Telemetry"]),
    tests("Posix", ["Posix"]),
    tests("ProgramLog", ["ProgramLog", "KubernetesAPI", logging]),
    tests("KubernetesAPI", ["KubernetesAPI"]),
    .target(
      name: "FakeAPIServer", dependencies: [nioCore, nioPosix], path: "Tests/FakeAPIServer", swiftSettings: strict),
    tests("KubernetesClient", ["KubernetesClient", "KubernetesAPI", "Telemetry", "FakeAPIServer", logging]),
    tests(
      "ControllerRuntime",
      ["ControllerRuntime", "KubernetesClient", "KubernetesAPI", "FakeAPIServer", logging, serviceLifecycle]),
    tests(
      "Reconcilers", ["Reconcilers", "ControllerRuntime", "KubernetesClient", "KubernetesAPI", "Dataflow", logging]),
    tests(
      "Coordinator",
      [
        "Coordinator", "Dataflow", "Scheduling", "Triggers", "Wire", "KubernetesAPI", "KubernetesClient",
        "ControllerRuntime", "FakeAPIServer", "pheromone", argumentParser, httpTypes, hummingbird, logging, nioCore,
        nioPosix,
      ]),
    // What the kubectl on this machine can do.
    module("KubectlVersion", path: "Tests/KubectlVersion"),
    tests("LocalAPIServer", ["LocalAPIServer", "KubernetesAPI", "KubernetesClient", "KubectlVersion", logging]),
    tests(
      "NodeAgent",
      [
        "NodeAgent", "NodeControl", "LocalAPIServer", "KubernetesAPI", "KubernetesClient", logging, serviceLifecycle,
      ]),
    tests("NodeControl", ["NodeControl", "ControllerRuntime", "KubernetesAPI"]),

    // The suite that drives everything from outside, and the functions that misbehave for it.
    .testTarget(
      name: "EndToEndTests", dependencies: ["Dataflow", "KubernetesAPI", "KubectlVersion"], exclude: ["Fixtures"],
      swiftSettings: strict),
    program("faults", ["PheromoneFunctions"], path: "Tests/Faults"),
  ],
  swiftLanguageModes: [.v6]
)
