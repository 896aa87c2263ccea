/// Writes lines of one component: `time=… level=info component=owner msg="took over" epoch=7`.
///
/// A value that is handed down, not a global: whoever makes one decides where its lines go. Secrets belong into `Secret`, which prints
/// as `***`.
package struct Logger: Sendable {
  package typealias Fields = KeyValuePairs<String, any CustomStringConvertible>

  package let component: String
  private let sink: any LogSink
  /// Fields of every line, already written.
  private let common: String

  package init(_ component: String, to sink: any LogSink) {
    self.init(component, to: sink, common: "")
  }

  private init(_ component: String, to sink: any LogSink, common: String) {
    self.component = component
    self.sink = sink
    self.common = common
  }

  /// The same for another component.
  package func named(_ component: String) -> Logger { Logger(component, to: sink, common: common) }

  /// The same with more fields on every line.
  package func with(_ fields: Fields) -> Logger {
    Logger(component, to: sink, common: common + Logfmt.fields(fields))
  }

  /// Whether lines of `level` are written at all. Message and fields of others are never evaluated.
  package func writes(_ level: LogLevel) -> Bool { level <= sink.level }

  package func error(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> Fields = [:]) {
    log(.error, message(), fields())
  }

  package func warning(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> Fields = [:]) {
    log(.warning, message(), fields())
  }

  package func info(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> Fields = [:]) {
    log(.info, message(), fields())
  }

  package func debug(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> Fields = [:]) {
    log(.debug, message(), fields())
  }

  package func trace(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> Fields = [:]) {
    log(.trace, message(), fields())
  }

  package func log(
    _ level: LogLevel, _ message: @autoclosure () -> String, _ fields: @autoclosure () -> Fields = [:]
  ) {
    guard writes(level) else { return }
    var line = "time=\(sink.now.description) level=\(level) component=\(Logfmt.value(component))"
    line += " msg=\(Logfmt.value(message()))"
    line += common
    line += Logfmt.fields(fields())
    sink.write(line)
  }
}
