import FoundationEssentials
import KubernetesAPI

/// What a `coordination.k8s.io/v1` Lease says about who leads.
struct LeaseRecord: Hashable, Sendable {
  /// Empty: nobody.
  var holder: String
  var durationSeconds: Int
  /// Opaque here: only changes of it matter, clocks of other machines do not.
  var renewTime: String
  var acquireTime: String
  var transitions: Int

  init(holder: String, durationSeconds: Int, renewTime: String, acquireTime: String, transitions: Int) {
    self.holder = holder
    self.durationSeconds = durationSeconds
    self.renewTime = renewTime
    self.acquireTime = acquireTime
    self.transitions = transitions
  }

  init(_ lease: KubernetesObject) {
    holder = lease["spec", "holderIdentity"]?.stringValue ?? ""
    durationSeconds = lease["spec", "leaseDurationSeconds"]?.intValue ?? 0
    renewTime = lease["spec", "renewTime"]?.stringValue ?? ""
    acquireTime = lease["spec", "acquireTime"]?.stringValue ?? ""
    transitions = lease["spec", "leaseTransitions"]?.intValue ?? 0
  }

  func write(to lease: inout KubernetesObject) {
    lease["spec", "holderIdentity"] = .string(holder)
    lease["spec", "leaseDurationSeconds"] = .integer(Int64(durationSeconds))
    lease["spec", "renewTime"] = .string(renewTime)
    lease["spec", "acquireTime"] = .string(acquireTime)
    lease["spec", "leaseTransitions"] = .integer(Int64(transitions))
  }
}
