import CSharedMemory
import Glibc

/// How many processors this process can keep busy: those that it may run on, and what the quotas of its control groups
/// allow, of either version.
package struct ProcessorBudget: Sendable, Hashable {
  /// Processors of the affinity.
  package var processors: Int
  /// The smallest quota over period of this group and those above; nil without a limit.
  package var quota: Double?

  package init(processors: Int, quota: Double?) {
    self.processors = processors
    self.quota = quota
  }

  /// How many may spin at once. A quota of one and a half processors is one that can be kept busy all the time; who spins
  /// beyond it has everyone stopped until the next period.
  ///
  /// | processors | quota | permits |
  /// |---|---|---|
  /// | 1 | none | 0 |
  /// | 2 | none | 1 |
  /// | 8 | none | 7 |
  /// | 8 | 4 | 3 |
  /// | 8 | 2.5 | 1 |
  /// | 8 | 0.5 | 0 |
  package var spinPermits: Int {
    let whole = quota.map { Int(min(max($0, 0), Double(processors))) } ?? processors
    return max(0, min(processors, whole) - 1)
  }

  /// What a `cpu.max` says: `max 100000` or `150000 100000`. Nil for no limit, and for a text that is not understood.
  package static func quota(cpuMax text: String) -> Double? {
    let fields = text.split { $0 == " " || $0 == "\n" }
    guard fields.count == 2, let quota = Double(fields[0]), let period = Double(fields[1]), quota > 0, period > 0 else {
      return nil
    }
    return quota / period
  }

  /// What the two files of version 1 say, the quota and its period in microseconds. Nil as for `quota(cpuMax:)`.
  package static func quota(microseconds: String, period: String) -> Double? {
    quota(cpuMax: microseconds + " " + period)
  }

  /// The folders below a mount of the control groups whose limits hold for a process, by its `/proc/self/cgroup`: its
  /// own and all above. In a container the own one usually is the root. `controller` is the one that is asked about in
  /// version 1, where each has a mount of its own; nil for version 2.
  package static func folders(ownGroups text: String, controller: String? = nil) -> [String] {
    var own: Substring = ""
    for line in text.split(separator: "\n") {
      // Number, controllers, path, as in `4:cpu,cpuacct:/pod` and `0::/pod`.
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      let isAsked = controller.map { fields[1].split(separator: ",").contains(Substring($0)) } ?? (fields[0] == "0")
      if isAsked { own = fields[2] }
    }
    var path = ""
    var folders = [path]
    // A group outside of the namespace is shown with dots; there is nothing to see of it then.
    for part in own.split(separator: "/") where part != ".." {
      path += "/" + part
      folders.append(path)
    }
    return folders
  }

  /// Of this process, now. What cannot be read limits nothing.
  package static func current(mount: String = "/sys/fs/cgroup", groups: String = "/proc/self/cgroup") -> ProcessorBudget
  {
    let own = contents(groups) ?? ""
    var quotas = folders(ownGroups: own).compactMap { folder in
      contents(mount + folder + "/cpu.max").flatMap(quota(cpuMax:))
    }
    quotas += folders(ownGroups: own, controller: "cpu").compactMap { folder in
      let group = mount + "/cpu" + folder
      guard let quota = contents(group + "/cpu.cfs_quota_us"), let period = contents(group + "/cpu.cfs_period_us")
      else { return nil }
      return Self.quota(microseconds: quota, period: period)
    }
    let processors = csm_processors()
    return ProcessorBudget(processors: processors > 0 ? Int(processors) : 1, quota: quotas.min())
  }

  /// The first 4 KiB of a small text file.
  private static func contents(_ path: String) -> String? {
    let number = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { return nil }
    let file = OwnedDescriptor(owning: number)
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
      // The kernel fills at most what the buffer has.
      count = unsafe max(0, Glibc.read(file.number, buffer.baseAddress, buffer.count))
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
