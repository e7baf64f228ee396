import FoundationEssentials
import KubernetesAPI
import KubernetesClient
import Logging

/// Asks each part of a running cluster whether it is ready.
struct ClusterHealth {
  struct Check: Codable, Hashable {
    var name: String
    var isReady: Bool
    /// Why not.
    var detail: String
    var address: String?
    var pid: Int32?
    var restarts: Int?
  }

  let record: ClusterRecord

  func checks() async -> [Check] {
    let server = "http://127.0.0.1:\(record.ports.api)"
    let client = KubernetesClient(
      ClientConfiguration(server: server), userAgent: "pheromone-cluster", logger: Logger(label: "cluster"))
    var checks: [Check] = []
    let live = await Self.answers(client, "/readyz")
    checks.append(
      Check(
        name: "API server", isReady: live.isReady, detail: live.detail, address: server, pid: record.pid, restarts: nil)
    )
    guard live.isReady else {
      let nodes = (record.nodes ?? []).map { waiting("node \($0)") }
      return checks + [waiting("definitions")] + nodes + components([:])
    }
    checks.append(await definitions(client))
    for node in record.nodes ?? [] { checks.append(await self.node(node, client)) }
    var answers: [String: (isReady: Bool, detail: String)] = [:]
    for name in record.components.keys {
      let port = name == "controller" ? record.ports.controller : record.ports.ingress
      let client = KubernetesClient(
        ClientConfiguration(server: "http://127.0.0.1:\(port)"), userAgent: "pheromone-cluster",
        logger: Logger(label: "cluster"))
      answers[name] = await Self.answers(client, "/readyz")
    }
    return checks + components(answers)
  }

  private func components(_ answers: [String: (isReady: Bool, detail: String)]) -> [Check] {
    record.components.sorted { $0.key < $1.key }.map { name, component in
      let port = name == "controller" ? record.ports.controller : record.ports.ingress
      return Check(
        name: name, isReady: answers[name]?.isReady ?? false, detail: answers[name]?.detail ?? "waits",
        address: "http://127.0.0.1:\(port)", pid: component.pid, restarts: component.restarts)
    }
  }

  private func waiting(_ name: String) -> Check {
    Check(name: name, isReady: false, detail: "waits for the API server", address: nil, pid: nil, restarts: nil)
  }

  private func definitions(_ client: KubernetesClient) async -> Check {
    var check = Check(name: "definitions", isReady: false, detail: "", address: nil, pid: nil, restarts: nil)
    do {
      let list = try await client.list(.customResourceDefinition)
      let missing = list.items.filter { definition in
        !(definition["status", "conditions"]?.arrayValue ?? []).contains {
          $0["type"] == "Established" && $0["status"] == "True"
        }
      }
      check.isReady = missing.isEmpty && list.items.count >= 2
      check.detail =
        list.items.count < 2
        ? "\(list.items.count) of 2 exist" : missing.map { "\($0.name) is not established" }.joined(separator: ", ")
    } catch {
      check.detail = "\(error)"
    }
    return check
  }

  private func node(_ name: String, _ client: KubernetesClient) async -> Check {
    var check = Check(name: "node \(name)", isReady: false, detail: "", address: nil, pid: nil, restarts: nil)
    do {
      let node = try await client.get(.node, name: name)
      check.isReady = (node["status", "conditions"]?.arrayValue ?? []).contains {
        $0["type"] == "Ready" && $0["status"] == "True"
      }
      check.detail = check.isReady ? "" : "is not Ready"
    } catch let error as KubernetesError where error.isNotFound {
      check.detail = "is not registered"
    } catch {
      check.detail = "\(error)"
    }
    return check
  }

  private static func answers(_ client: KubernetesClient, _ path: String) async -> (isReady: Bool, detail: String) {
    do {
      let response = try await client.send(
        .init(path: path, limits: .init(connect: .seconds(2), overall: .seconds(3))))
      guard response.head.isSuccess else {
        return (false, "HTTP \(response.status) \(String(decoding: response.body.prefix(120), as: UTF8.self))")
      }
      return (true, "")
    } catch let error as KubernetesError where error.isUnreachable {
      return (false, "does not answer yet")
    } catch {
      return (false, "\(error)")
    }
  }
}
