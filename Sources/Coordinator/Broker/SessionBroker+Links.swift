import Dataflow
import KubernetesAPI
import Logging
package import Wire

/// Which pod, in which of its lives, is at the other end of a link.
package struct LinkIdentity: Sendable, Hashable {
  package var namespace: String
  package var workflow: String
  package var pod: String
  package var epoch: UInt64

  var key: ObjectKey { ObjectKey(namespace: namespace, name: workflow) }
  var life: LoadTally.Life { LoadTally.Life(pod: pod, epoch: epoch) }
}

package enum RegistrationVerdict: Sendable, Hashable {
  case accepted(LinkIdentity)
  /// The pod watch may not have caught up yet: ask again soon.
  case notYet(reason: String)
  case refused(reason: String)
}

extension SessionBroker {
  /// A sidecar wants to serve. It has to be a pod of the workflow that it names, as the API server shows it.
  package func register(_ registration: PodFrame.Registration, over link: any PodLink) -> RegistrationVerdict {
    guard ProtocolVersion.supports(registration.version) else {
      return .refused(
        reason:
          "protocol version \(registration.version) is not understood here; versions \(ProtocolVersion.oldest) to "
          + "\(ProtocolVersion.current + 1) are: bring coordinator and sidecar image closer together")
    }
    let name = registration.podName
    let identity = LinkIdentity(
      namespace: registration.namespace, workflow: registration.workflow, pod: name, epoch: registration.epoch)
    let replaced = change(identity.key) {
      board, state, now -> ((RegistrationVerdict, (any PodLink)?), [PlacementAction]) in
      guard board.exists else { return ((.notYet(reason: "there is no workflow \(identity.key)"), nil), []) }
      guard let seen = board.machine.observed[name] else {
        return ((.notYet(reason: "there is no pod \(name) of the workflow \(identity.key)"), nil), [])
      }
      guard seen.uid == registration.podUID else {
        return ((.notYet(reason: "the pod \(name) has another uid; this one is no more"), nil), [])
      }
      let old = board.links.updateValue(link, forKey: name)
      board.features[name] = registration.features
      link.send(.registered(version: ProtocolVersion.current, features: .current, coordinator: "pheromone-coordinator"))
      if let plan = board.plan { link.send(.plan(revision: plan.revision, document: board.planDocument)) }
      let pod = RegisteredPod(
        name: name, uid: registration.podUID, epoch: registration.epoch, revision: registration.revision,
        isDraining: registration.isDraining)
      let actions = board.machine.podRegistered(pod, holding: registration.sessions, now: now)
      return ((.accepted(identity), old === link ? nil : old), actions)
    }
    guard let (verdict, old) = replaced else { return .notYet(reason: "there is no workflow \(identity.key)") }
    old?.close()
    return verdict
  }

  /// The link is closed or silent: its pod counts as dead, unless it has registered over another one since.
  package func lost(_ identity: LinkIdentity, link: any PodLink) {
    let failed = change(identity.key) { board, state, now -> ([Query], [PlacementAction]) in
      guard board.links[identity.pod] === link else { return ([], []) }
      board.links[identity.pod] = nil
      board.features[identity.pod] = nil
      board.tally.ended(identity.life)
      let numbers = state.queries.filter { $0.value.workflow == identity.key && $0.value.pod == identity.pod }.keys
      let queries = numbers.compactMap { state.queries.removeValue(forKey: $0) }
      return (queries, board.machine.podLost(identity.pod, epoch: identity.epoch, now: now))
    }
    for query in failed ?? [] { query.fail() }
  }

  package func received(_ frame: PodFrame, from identity: LinkIdentity, link: any PodLink) {
    let pod = identity.pod
    _ = change(identity.key) { board, state, now -> (Void, [PlacementAction]) in
      guard board.links[pod] === link else { return ((), []) }
      switch frame {
      case .register, .pong: return ((), [])
      case .planApplied(let revision):
        logger.debug("plan applied", metadata: ["pod": "\(pod)", "revision": "\(revision)"])
        return ((), [])
      case .planRefused(let revision, let reason):
        logger.error(
          "a pod refused a plan and goes on with the one it had",
          metadata: ["workflow": "\(identity.key)", "pod": "\(pod)", "revision": "\(revision)", "reason": "\(reason)"])
        return ((), [])
      case .stored(let session): return ((), board.machine.stored(session, pod: pod, now: now))
      case .refused(let session, let reason, let isFinal):
        return ((), board.machine.refused(session, pod: pod, reason: reason, isFinal: isFinal, now: now))
      case .ended(let result):
        let actions = board.machine.ended(result, pod: pod, now: now)
        let isAwaited = board.features[pod]?.contains(.receipts) == true
        return ((), actions + (isAwaited ? [.send(pod: pod, .received(session: result.session))] : []))
      case .load(let load):
        board.tally.report(load, of: identity.life)
        return ((), board.machine.loadReported(load, pod: pod, now: now))
      case .deadLetter(let letter):
        logger.warning(
          "a derived session failed",
          metadata: [
            "workflow": "\(identity.key)", "pod": "\(pod)", "session": "\(letter.session)",
            "trigger": "\(letter.bucket)/\(letter.trigger)", "objects": "\(letter.objects)",
            "message": "\(letter.message)",
          ])
        state.deadLetters.received(letter, of: identity.key)
        return ((), [])
      case .draining: return ((), board.machine.podDraining(pod, now: now))
      case .answer(let number, let document):
        guard case .document(let answer) = state.take(number, pod) else { return ((), []) }
        answer.fulfil(.success(document))
        return ((), [])
      case .outputs(let number, let result):
        switch state.take(number, pod) {
        case .outputs(let session): return ((), board.machine.collected(session, result, pod: pod, now: now))
        case .result(let answer): answer.fulfil(.success(result))
        case .document, nil: break
        }
        return ((), [])
      }
    }
  }
}

extension SessionBroker.State {
  fileprivate mutating func take(_ number: UInt64, _ pod: String) -> SessionBroker.Query.Purpose? {
    guard let query = queries[number], query.pod == pod else { return nil }
    queries[number] = nil
    return query.purpose
  }
}
