import ControllerRuntime
import FoundationEssentials
import KubernetesAPI
import KubernetesClient
import Logging

/// What runners say to the API server about their pods.
struct PodAPI: Sendable {
  let client: KubernetesClient
  let events: EventRecorder
  let node: NodeIdentity
  let logger: Logger

  /// True if there is no point in trying again: it is written, or the pod is gone.
  @discardableResult
  func write(_ report: PodStatusReport, of runner: PodRunner) async -> Bool {
    let pod = runner.pod
    var status: JSONValue = [
      "phase": .string(report.phase), "conditions": .array(report.conditions),
      "reason": report.reason.map { .string($0) } ?? .null, "message": report.message.map { .string($0) } ?? .null,
      "containerStatuses": .array(report.containerStatuses), "hostIP": .string(node.address),
      "hostIPs": [["ip": .string(node.address)]], "podIP": .string(runner.address),
      "podIPs": [["ip": .string(runner.address)]], "startTime": .string(runner.startTime),
      "observedGeneration": .null,
    ]
    if !report.initContainerStatuses.isEmpty { status["initContainerStatuses"] = .array(report.initContainerStatuses) }
    do {
      _ = try await client.patch(
        .pod, namespace: pod.namespace, name: pod.key.name, subresource: "status",
        strategic: ["metadata": ["uid": .string(pod.uid)], "status": status])
      return true
    } catch let error as KubernetesError where error.isNotFound || error.isConflict {
      // Gone, or replaced by another pod of its name.
      return true
    } catch is CancellationError {
      return false
    } catch {
      runner.logger.warning("cannot write the pod's status", metadata: ["error": "\(error)"])
      return false
    }
  }

  /// Takes a pod whose processes have ended out of the API.
  func remove(_ runner: PodRunner) async {
    for attempt in 0..<5 {
      do {
        try await client.delete(
          .pod, namespace: runner.pod.namespace, name: runner.pod.key.name,
          options: DeleteOptions(gracePeriodSeconds: 0, uid: runner.pod.uid))
        return
      } catch let error as KubernetesError where error.isNotFound || error.isConflict {
        return
      } catch {
        runner.logger.warning("cannot remove the pod", metadata: ["error": "\(error)", "attempt": "\(attempt)"])
        try? await Task.sleep(for: .milliseconds(200 << attempt))
      }
    }
  }

  func record(_ event: PodEvent, about pod: KubernetesObject) async {
    await events.record(
      event.isWarning ? .warning : .normal, reason: event.reason, message: event.message, regarding: pod,
      action: event.reason)
  }

  /// The ConfigMaps and Secrets that a pod names; one that does not exist is nil.
  func configuration(for pod: PodDescription) async throws -> ConfigurationData {
    let names = pod.spec.referencedConfiguration
    var data = ConfigurationData()
    for name in names.configMaps {
      data.configMaps[name] = .some(try await values(.configMap, pod.namespace, name))
    }
    for name in names.secrets { data.secrets[name] = .some(try await values(.secret, pod.namespace, name)) }
    return data
  }

  private func values(_ type: ResourceType, _ namespace: String, _ name: String) async throws -> [String: Data]? {
    do {
      return ConfigurationData.values(of: try await client.get(type, namespace: namespace, name: name))
    } catch let error as KubernetesError where error.isNotFound {
      return nil
    }
  }
}
