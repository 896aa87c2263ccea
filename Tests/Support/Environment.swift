import Glibc

package enum Environment {
  package static subscript(_ name: String) -> String? {
    guard let value = getenv(name).map({ String(cString: $0) }), !value.isEmpty else { return nil }
    return value
  }

  /// A missing broker fails the tests that need it.
  package static var requiresBrokers: Bool { self["THAW_REQUIRE_BROKERS"] == "1" }

  /// The folder with Package.swift.
  package static let packageRoot: String = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }

  /// What a program under test gets of ours besides its own: where sanitizers report, and the libraries that are tried.
  package static var forPrograms: [String: String] {
    let names = ["LD_LIBRARY_PATH", "ASAN_OPTIONS", "TSAN_OPTIONS"]
    return Dictionary(uniqueKeysWithValues: names.compactMap { name in self[name].map { (name, $0) } })
  }

  static var wheelBinary: String? {
    var found = glob_t()
    defer { globfree(&found) }
    let pattern = "\(packageRoot)/.venv/lib/python*/site-packages/noida_db/noida-db"
    guard glob(pattern, 0, nil, &found) == 0, found.gl_pathc > 0, let path = found.gl_pathv[0] else { return nil }
    return String(cString: path)
  }
}
