import Glibc
import Measures

/// What one run took; seconds.
struct Lap {
  var wall: Double
  /// Of this process, all threads.
  var own: Double
  /// Of the broker, all threads; nil when it can't be told.
  var broker: Double?

  /// Nothing else may happen in this process meanwhile.
  static func of(broker id: Int32?, _ body: () throws -> Void) rethrows -> Lap {
    let (own, broker, start) = (Figures.seconds(Figures.processorTime()), id.flatMap(seconds(of:)), ContinuousClock.now)
    try body()
    let wall = Figures.seconds(ContinuousClock.now - start)
    let end = id.flatMap(seconds(of:))
    return Lap(
      wall: wall, own: Figures.seconds(Figures.processorTime()) - own,
      broker: broker.flatMap { before in end.map { $0 - before } })
  }

  /// proc(5), stat: fields 14 and 15, in ticks.
  private static func seconds(of process: Int32) -> Double? {
    guard let file = fopen("/proc/\(process)/stat", "r") else { return nil }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 4096)
    guard fgets(&line, 4096, file) != nil else { return nil }
    let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    // The name, in parentheses, may hold anything; after it comes field 3.
    guard let name = text.lastIndex(of: ")") else { return nil }
    let fields = text[name...].dropFirst(2).split(separator: " ")
    guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return nil }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }
}

extension [Lap] {
  var wall: Series { Series(map(\.wall)) }
  var own: Series { Series(map(\.own)) }
  var broker: Series { Series(compactMap(\.broker)) }
  /// Of one core, all the time.
  var brokerLoad: Series { Series(compactMap { lap in lap.broker.map { $0 / lap.wall } }) }
}

/// Runs that take turns: each round has one of each, so that what is slow for a while is slow for all.
enum Contest {
  /// A first round is run and not counted, unless `rounds` is 1.
  static func run(_ rounds: Int, _ contenders: [() throws -> Lap]) throws -> [[Lap]] {
    var laps = contenders.map { _ in [Lap]() }
    for round in (rounds > 1 ? -1 : 0)..<rounds {
      for (number, contender) in contenders.enumerated() {
        let lap = try contender()
        if round >= 0 { laps[number].append(lap) }
      }
    }
    return laps
  }
}
