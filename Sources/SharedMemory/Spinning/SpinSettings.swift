/// What the environment says of spinning. Both a sidecar and a function host read it, each for its own waits.
///
/// | variable | default | values | what it sets |
/// |---|---|---|---|
/// | `PHEROMONE_SPIN_CEILING` | 50 | 0 to 1000 µs | `ceiling` of `SpinPolicy`, the longest spin; 0: sleep at once |
/// | `PHEROMONE_SPIN_FLOOR` | 5, or the ceiling if that is less | 0 to the ceiling, µs | `floor`, the shortest spin |
/// | `PHEROMONE_SPIN_WAKE_COST` | 25 | 0 to 1000 µs | `wakeCost`, what of a wait that slept is the price of waking |
/// | `PHEROMONE_SPIN_PERMITS` | as `ProcessorBudget` says | 0 to 1024 | the most that spin while idle; for a sidecar only |
///
/// `PHEROMONE_SPIN_PERMITS` can only lower what `ProcessorBudget.spinPermits` allows.
package struct SpinSettings: Sendable, Hashable {
  package var limits: SpinPolicy.Limits
  /// The most permits; nil for as many as the processors allow.
  package var permits: Int?

  /// The names of all variables.
  package static let variables = [
    "PHEROMONE_SPIN_CEILING", "PHEROMONE_SPIN_FLOOR", "PHEROMONE_SPIN_WAKE_COST", "PHEROMONE_SPIN_PERMITS",
  ]

  /// A variable that makes no sense.
  package struct Problem: Error, Hashable, CustomStringConvertible {
    package var description: String
  }

  private static let longest = 1000
  private static let mostPermits = 1024

  package init(limits: SpinPolicy.Limits = SpinPolicy.Limits(), permits: Int? = nil) {
    self.limits = limits
    self.permits = permits
  }

  package init(environment: [String: String]) throws(Problem) {
    let standard = SpinPolicy.Limits()
    func microseconds(_ name: String, default standard: Int64, most: Int, _ unit: String) throws(Problem) -> Int64 {
      try Self.number(name, in: environment, most: most, unit).map { Int64($0) * 1000 } ?? standard
    }
    let ceiling = try microseconds(
      "PHEROMONE_SPIN_CEILING", default: standard.ceiling, most: Self.longest,
      "microseconds, the longest time to spin; 0 to sleep at once")
    let floor = try microseconds(
      "PHEROMONE_SPIN_FLOOR", default: min(standard.floor, ceiling), most: Int(ceiling / 1000),
      "microseconds, the shortest time to spin, at most PHEROMONE_SPIN_CEILING")
    let wakeCost = try microseconds(
      "PHEROMONE_SPIN_WAKE_COST", default: standard.wakeCost, most: Self.longest,
      "microseconds, what it costs to wake who sleeps")
    self.init(
      limits: SpinPolicy.Limits(ceiling: ceiling, floor: floor, wakeCost: wakeCost),
      permits: try Self.number(
        "PHEROMONE_SPIN_PERMITS", in: environment, most: Self.mostPermits, "the most that spin while idle"))
  }

  /// How many may spin at once.
  package func permits(of budget: ProcessorBudget) -> Int { min(budget.spinPermits, permits ?? .max) }

  private static func number(
    _ name: String, in environment: [String: String], most: Int, _ meaning: String
  ) throws(Problem) -> Int? {
    guard let text = environment[name], !text.isEmpty else { return nil }
    guard let number = Int(text), (0...most).contains(number) else {
      throw Problem(description: "\(name) is \"\(text)\"; write a whole number from 0 to \(most) (\(meaning))")
    }
    return number
  }
}
