import ServiceLifecycle

/// Several nodes of one process, which go down together.
package struct NodeAgents: Service {
  private let agents: [NodeAgent]

  package init(_ agents: [NodeAgent]) { self.agents = agents }

  /// Returns on graceful shutdown, after the processes of all of them have ended.
  package func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for agent in agents { group.addTask { try await agent.run() } }
      // Without nodes there is nothing to do, but a service that ends takes the others with it.
      group.addTask { try? await gracefulShutdown() }
      try await group.waitForAll()
    }
  }
}
